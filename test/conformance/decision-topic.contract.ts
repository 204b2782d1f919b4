import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { topicMessageId } from '@headroom/core';
import type { Command, TopicMessage } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { CommandQueue, DecisionTopic, RecordFeed, RecordHandler } from '@headroom/ports';
import { aCommand, aDecision, anOutcome, newTarget, noon } from './samples.ts';
import { Witness } from './witness.ts';

/** A topic of its own with its two subscriptions, nothing published yet. */
export interface TopicWorld {
  readonly topic: DecisionTopic;
  readonly records: RecordFeed;
  /** Where scale and read commands are forwarded to. */
  readonly queue: CommandQueue;
}

/** One message of each kind. */
export function oneOfEach(): readonly TopicMessage[] {
  const target = newTarget();
  const command = aCommand(target);
  const decision = aDecision(target);
  const { source } = command;
  return [
    { kind: 'scale', command, decision: { ...aDecision(target), id: command.id } },
    { kind: 'read', command: { kind: 'read', id: `read-${decision.id}`, target, source } },
    { kind: 'decision', decision },
    { kind: 'outcome', outcome: anOutcome(command) },
    {
      kind: 'divergence',
      divergence: { id: `d-${decision.id}`, recordId: decision.id, target, at: noon, second: '{}' },
    },
  ];
}

export function aRecord(): TopicMessage {
  return { kind: 'decision', decision: aDecision(newTarget()) };
}

export function decisionTopicContract(name: string, makeWorld: () => Promise<TopicWorld>): void {
  describe(`DecisionTopic and RecordFeed: ${name}`, () => {
    let world: TopicWorld;
    let records: Witness<TopicMessage>;
    let stops: (() => Promise<void>)[];

    beforeEach(async () => {
      world = await makeWorld();
      records = new Witness();
      stops = [];
    });
    afterEach(async () => {
      await Promise.all(stops.map((stop) => stop()));
    });

    /** `handle` is called before a record counts as read. */
    const start = (handle: RecordHandler = () => Promise.resolve()): (() => Promise<void>) => {
      const stopping = new AbortController();
      const ended = world.records.run(async (message) => {
        await handle(message);
        records.add(message);
      }, stopping.signal);
      const stop = (): Promise<void> => {
        stopping.abort();
        return ended;
      };
      stops.push(stop);
      return stop;
    };
    const ids = () => records.seen.map(topicMessageId).sort();
    const has = (count: number) => () => records.seen.length >= count;

    test('every message that was published is a record, as it was', async () => {
      const messages = oneOfEach();
      await world.topic.publish(messages);
      start();
      await records.until(has(5), 'five records');
      for (const message of messages) expect(records.seen).toContainEqual(message);
    });

    test('a message that is published again is dropped', async () => {
      const messages = oneOfEach();
      start();
      await world.topic.publish(messages);
      await world.topic.publish(messages);
      const last = aRecord();
      await world.topic.publish([last]);
      await records.until(() => ids().includes(topicMessageId(last)), 'the last record');
      expect(ids()).toEqual([...messages, last].map(topicMessageId).sort());
    });

    test('scale and read commands reach the queue, nothing else does', async () => {
      const messages = oneOfEach();
      const commands = new Witness<Command>();
      const stopping = new AbortController();
      const ended = world.queue.run(({ body }) => {
        if (body.kind === 'command') commands.add(body.command);
        return Promise.resolve({ kind: 'complete' });
      }, stopping.signal);
      await world.topic.publish([...messages].reverse());
      await commands.until((seen) => seen.length >= 2, 'two commands');
      stopping.abort();
      await ended;
      expect(commands.seen.map(({ kind }) => kind).sort()).toEqual(['read', 'scale']);
      const scale = messages.find(({ kind }) => kind === 'scale');
      expect(scale).toMatchObject({ command: commands.seen.find(({ kind }) => kind === 'scale') });
    });

    test('many messages at once all arrive', async () => {
      const messages = Array.from({ length: 300 }, aRecord);
      await world.topic.publish(messages);
      start();
      await records.until(has(300), '300 records');
      expect(ids()).toEqual(messages.map(topicMessageId).sort());
    });

    test('a record whose handler rejected comes again', async () => {
      let calls = 0;
      start(() => (++calls < 3 ? Promise.reject(new Error('bad luck')) : Promise.resolve()));
      const message = aRecord();
      await world.topic.publish([message]);
      await records.until(has(1), 'the record');
      expect(records.seen).toEqual([message]);
      expect(calls).toBe(3);
    });

    test('a record waits for a dependency of its handler that is away', async () => {
      let calls = 0;
      start(() => {
        const away = new DependencyUnavailable('cosmos', 'away', { retryAfterMs: 5 });
        return ++calls < 20 ? Promise.reject(away) : Promise.resolve();
      });
      const messages = [aRecord(), aRecord()];
      await world.topic.publish(messages);
      await records.until(has(2), 'both records');
      expect(ids()).toEqual(messages.map(topicMessageId).sort());
    });

    test('ends when it is told to, after what it has in hand', async () => {
      const begun = new Witness<string>();
      const finish = Promise.withResolvers<undefined>();
      const stop = start(async () => {
        begun.add('begun');
        await finish.promise;
      });
      await world.topic.publish([aRecord()]);
      await begun.until((seen) => seen.length === 1, 'the handler is called');
      const stopped = stop();
      expect(records.seen).toEqual([]);
      finish.resolve(undefined);
      await stopped;
      expect(records.seen).toHaveLength(1);
    });
  });
}
