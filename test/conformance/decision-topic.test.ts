import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { instant, minuteMs, topicMessageId } from '@headroom/core';
import type { Decision, TopicMessage } from '@headroom/core';
import { MemoryQueue, MemoryTopic } from '@headroom/memory';
import { systemClock } from '@headroom/runtime';
import { encodeTopicMessage } from '@headroom/wire';
import { TestBus, records } from './bus-world.ts';
import { aRecord, decisionTopicContract, oneOfEach } from './decision-topic.contract.ts';
import { aDecision, newTarget } from './samples.ts';
import { Witness } from './witness.ts';

jest.setTimeout(60_000);

let azure: TestBus;
let foreign: ServiceBusClient;

beforeAll(async () => {
  azure = await TestBus.start(20);
  foreign = new ServiceBusClient(azure.broker.connectionString);
});
afterAll(async () => {
  await foreign.close();
  await azure.close();
});

decisionTopicContract('memory', () => {
  const clock = systemClock(instant);
  const queue = new MemoryQueue(clock);
  const topic = new MemoryTopic(clock, queue);
  return Promise.resolve({ topic, records: topic.records, queue });
});

decisionTopicContract('Service Bus', () => {
  const { topic, queue } = azure.fresh();
  return Promise.resolve({
    topic: azure.bus.decisionTopic(topic),
    records: azure.bus.recordFeed(topic, records),
    queue: azure.bus.commandQueue(queue),
  });
});

describe('the topic in Service Bus', () => {
  /** The raw messages of the subscription, by message id. */
  async function raw(
    topic: string,
    count: number,
  ): Promise<Map<string, ServiceBusReceivedMessage>> {
    const receiver = foreign.createReceiver(topic, records);
    const found = await receiver.receiveMessages(count, { maxWaitTimeInMs: 10_000 });
    await receiver.close();
    return new Map(found.map((message) => [String(message.messageId), message]));
  }

  test('a message carries its kind, its target and the id of its content', async () => {
    const { topic } = azure.fresh();
    const messages = oneOfEach();
    await azure.bus.decisionTopic(topic).publish(messages);
    const found = await raw(topic, messages.length);
    for (const message of messages) {
      const sent = found.get(topicMessageId(message))!;
      expect(sent.applicationProperties).toMatchObject({ kind: message.kind });
      expect(sent.subject).toMatch(/^\/subscriptions\/s\//);
    }
  });

  test('what repeats itself expires; actions and changes do not', async () => {
    const { topic } = azure.fresh();
    const recorded = (record: Decision['record']): TopicMessage => ({
      kind: 'decision',
      decision: { ...aDecision(newTarget()), record },
    });
    const messages = (['action', 'change', 'heartbeat', 'all'] as const).map(recorded);
    await azure.bus.decisionTopic(topic).publish(messages);
    const found = await raw(topic, messages.length);
    const lifetimes = messages.map((message) => found.get(topicMessageId(message))!.timeToLive);
    const [action, change, heartbeat, all] = lifetimes;
    expect(heartbeat).toBe(15 * minuteMs);
    expect(all).toBe(15 * minuteMs);
    for (const kept of [action, change]) expect(kept ?? Infinity).toBeGreaterThan(60 * minuteMs);
  });

  test('a record that cannot be read is dead-lettered with the reason, and the feed goes on', async () => {
    const { topic } = azure.fresh();
    const sender = foreign.createSender(topic);
    await sender.sendMessages([
      { body: Buffer.from('not JSON'), messageId: 'bad1' },
      { body: { v: 1, kind: 'nonsense' }, messageId: 'bad2' },
    ]);
    await sender.close();
    const good = aRecord();
    await azure.bus.decisionTopic(topic).publish([good]);
    const seen = new Witness<TopicMessage>();
    const stopping = new AbortController();
    const feed = azure.bus.recordFeed(topic, records);
    const ended = feed.run((message) => {
      seen.add(message);
      return Promise.resolve();
    }, stopping.signal);
    await seen.until((all) => all.length === 1, 'the good record');
    stopping.abort();
    await ended;
    const receiver = foreign.createReceiver(topic, records, { subQueueType: 'deadLetter' });
    const dead = await receiver.receiveMessages(2, { maxWaitTimeInMs: 10_000 });
    await receiver.close();
    expect(dead.map(({ messageId }) => messageId).sort()).toEqual(['bad1', 'bad2']);
    for (const letter of dead) {
      expect(letter.deadLetterReason).toBe('Unreadable');
      expect(letter.deadLetterErrorDescription).not.toBe('');
    }
  });

  test('more than one message can hold is published as several', async () => {
    const { topic } = azure.fresh();
    const answer = 'x'.repeat(3000);
    const messages = Array.from({ length: 400 }, (): TopicMessage => {
      const decision = aDecision(newTarget());
      const trail = Array.from({ length: 2 }, () => ({ step: 'error' as const, answer }));
      return { kind: 'decision', decision: { ...decision, trail } };
    });
    const bytes = messages.reduce((sum, message) => sum + encodeTopicMessage(message).length, 0);
    expect(bytes).toBeGreaterThan(2_000_000);
    await azure.bus.decisionTopic(topic).publish(messages);
    const seen = new Set<string>();
    const arrived = new Witness<number>();
    const stopping = new AbortController();
    const ended = azure.bus.recordFeed(topic, records).run((message) => {
      seen.add(topicMessageId(message));
      arrived.add(seen.size);
      return Promise.resolve();
    }, stopping.signal);
    await arrived.until(() => seen.size === messages.length, 'all records');
    stopping.abort();
    await ended;
  });

  test('an unknown topic and an unknown subscription are said so', async () => {
    const nowhere = azure.bus.decisionTopic('nowhere');
    await expect(nowhere.publish([aRecord()])).rejects.toThrow(
      "'nowhere' cannot be used: it does not exist",
    );
    const { topic } = azure.fresh();
    const feed = azure.bus.recordFeed(topic, 'nobody');
    const ended = feed.run(() => Promise.resolve(), new AbortController().signal);
    await expect(ended).rejects.toMatchObject({
      name: 'EntityRefused',
      entity: `${topic}/nobody`,
    });
  });

  test('goes on after the broker was away', async () => {
    const { topic } = azure.fresh();
    const publisher = azure.bus.decisionTopic(topic);
    const seen = new Witness<string>();
    const stopping = new AbortController();
    const ended = azure.bus.recordFeed(topic, records).run((message) => {
      seen.add(topicMessageId(message));
      return Promise.resolve();
    }, stopping.signal);
    const [first, second] = [aRecord(), aRecord()];
    await publisher.publish([first]);
    await seen.until((ids) => ids.includes(topicMessageId(first)), 'the first record');
    await azure.broker.restart();
    await publisher.publish([second]);
    await seen.until((ids) => ids.includes(topicMessageId(second)), 'the second record', 30_000);
    stopping.abort();
    await ended;
  });
});
