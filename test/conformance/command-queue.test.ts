import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { instant } from '@headroom/core';
import { MemoryQueue } from '@headroom/memory';
import type { QueueBody } from '@headroom/ports';
import { systemClock } from '@headroom/runtime';
import { encodeTopicMessage } from '@headroom/wire';
import { TestBus } from './bus-world.ts';
import { commandQueueContract } from './command-queue.contract.ts';
import { aCommand, aDecision, newTarget } from './samples.ts';
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

commandQueueContract('memory', () => {
  const queue = new MemoryQueue(systemClock(instant));
  return Promise.resolve({
    queue,
    send: (command) => {
      queue.send(command);
      return Promise.resolve();
    },
  });
});

commandQueueContract('Service Bus', () => {
  const { topic, queue } = azure.fresh();
  const publisher = azure.bus.decisionTopic(topic);
  return Promise.resolve({
    queue: azure.bus.commandQueue(queue),
    send: (command) =>
      publisher.publish([
        command.kind === 'scale' ? { kind: 'scale', command } : { kind: 'read', command },
      ]),
  });
});

describe('the queue in Service Bus', () => {
  /** What the queue makes of one foreign message. */
  async function bodyOf(
    body: Buffer,
    applicationProperties: Record<string, string> = {},
  ): Promise<QueueBody> {
    const { queue } = azure.fresh();
    const sender = foreign.createSender(queue);
    await sender.sendMessages({ body, applicationProperties });
    await sender.close();
    const bodies = new Witness<QueueBody>();
    const stopping = new AbortController();
    const ended = azure.bus.commandQueue(queue).run((message) => {
      bodies.add(message.body);
      return Promise.resolve({ kind: 'complete' });
    }, stopping.signal);
    await bodies.until((seen) => seen.length === 1, 'the message');
    stopping.abort();
    await ended;
    return bodies.seen[0]!;
  }

  test("a command of somebody else's comes like one of ours", async () => {
    const command = aCommand(newTarget());
    const body = Buffer.from(encodeTopicMessage({ kind: 'scale', command }));
    expect(await bodyOf(body)).toEqual({ kind: 'command', command });
  });

  test('a command that cannot be read still tells its id and target', async () => {
    const command = { ...aCommand(newTarget()), to: -1 };
    const body = Buffer.from(JSON.stringify({ v: 1, kind: 'scale', command }));
    const { id: commandId, target } = command;
    const unreadable = await bodyOf(body);
    expect(unreadable).toMatchObject({ kind: 'unreadable', commandId, target });
    expect(unreadable).toMatchObject({ problem: expect.stringContaining('command.to') });
  });

  test.each([
    ['garbage', Buffer.from('not JSON'), {}],
    ['a follow-up without its fields', Buffer.from('{"v":1}'), { kind: 'followUp' }],
    [
      'a record that is no command',
      Buffer.from(encodeTopicMessage({ kind: 'decision', decision: aDecision(newTarget()) })),
      {},
    ],
  ])('%s is unreadable, and says why', async (_name, body, properties) => {
    const unreadable = await bodyOf(body, properties);
    expect(unreadable).toMatchObject({ kind: 'unreadable' });
    expect(unreadable).toMatchObject({ problem: expect.stringMatching(/.{10}/) });
  });

  test('an unknown queue is said so', async () => {
    const queue = azure.bus.commandQueue('nowhere');
    const { signal } = new AbortController();
    const refused = { name: 'EntityRefused', code: 'MessagingEntityNotFound' };
    await expect(
      queue.run(() => Promise.reject(new Error('called')), signal),
    ).rejects.toMatchObject(refused);
    const step = { exclusionKey: 'e', commandId: 'c', attempt: 1 };
    await expect(queue.schedule(step, instant(Date.now()))).rejects.toMatchObject(refused);
  });

  test('what was scheduled is there after the broker was away', async () => {
    const { queue: name } = azure.fresh();
    const queue = azure.bus.commandQueue(name);
    const step = { exclusionKey: 'e', commandId: 'c', attempt: 1 };
    await queue.schedule(step, instant(Date.now() + 1500));
    const bodies = new Witness<QueueBody>();
    const stopping = new AbortController();
    const ended = queue.run((message) => {
      bodies.add(message.body);
      return Promise.resolve({ kind: 'complete' });
    }, stopping.signal);
    await azure.broker.restart();
    await bodies.until((seen) => seen.length === 1, 'the follow-up', 30_000);
    expect(bodies.seen).toEqual([{ kind: 'followUp', followUp: step }]);
    stopping.abort();
    await ended;
  });
});
