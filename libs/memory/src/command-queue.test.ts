import { describe, expect, test } from '@jest/globals';
import { after, instant, targetId } from '@headroom/core';
import type { ReadCommand } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { CommandHandler, QueuedMessage, Settlement } from '@headroom/ports';
import { MemoryQueue } from './command-queue.ts';
import { VirtualClock } from './virtual-clock.ts';

const complete: Settlement = { kind: 'complete' };
const step = { exclusionKey: 'e', commandId: 'c', attempt: 1 };

function command(id: string): ReadCommand {
  const source = { kind: 'external', sender: 'test' } as const;
  return { kind: 'read', id, target: targetId('/e/deployments/blue'), source };
}

function setUp(): { queue: MemoryQueue; clock: VirtualClock } {
  const clock = new VirtualClock(instant(0));
  return { queue: new MemoryQueue(clock), clock };
}

/** Keeps what it is given and answers with `settle`. */
function collect(settle: () => Promise<Settlement> = () => Promise.resolve(complete)): {
  readonly got: QueuedMessage[];
  readonly handler: CommandHandler;
} {
  const got: QueuedMessage[] = [];
  const handler: CommandHandler = (message) => {
    got.push(message);
    return settle();
  };
  return { got, handler };
}

describe('a message', () => {
  test('is gone when it is completed', async () => {
    const { queue } = setUp();
    queue.send(command('a'));
    const { got, handler } = collect();
    expect(await queue.deliver(handler)).toBe(1);
    expect(await queue.deliver(handler)).toBe(0);
    expect(got).toMatchObject([{ messageId: 'a', deliveries: 0, body: { kind: 'command' } }]);
  });

  test('comes again when its handler throws, counted, ten times; then it is a dead letter', async () => {
    const { queue } = setUp();
    queue.send(command('a'));
    const { got, handler } = collect(() => Promise.reject(new Error('no')));
    for (let round = 0; round < 20; round++) await queue.deliver(handler);
    expect(got.map(({ deliveries }) => deliveries)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(queue.deadLetters).toMatchObject([
      { messageId: 'a', deliveries: 10, deadLetterReason: 'MaxDeliveryCountExceeded' },
    ]);
  });

  test('is dead-lettered with the reason that its handler gives', async () => {
    const { queue } = setUp();
    queue.send(command('a'));
    const dead: Settlement = { kind: 'deadLetter', reason: 'Unreadable', description: 'no to' };
    await queue.deliver(collect(() => Promise.resolve(dead)).handler);
    const { got, handler } = collect();
    await queue.deliverDeadLetters(handler);
    expect(got).toMatchObject([{ messageId: 'a', deadLetterReason: 'Unreadable' }]);
    expect(queue.deadLetters).toEqual([]);
  });

  test('is not counted when a dependency is away, and comes again after the pause', async () => {
    const { queue, clock } = setUp();
    queue.send(command('a'));
    queue.send(command('b'));
    const away = new DependencyUnavailable('arm', 'away', { retryAfterMs: 700 });
    expect(await queue.deliver(collect(() => Promise.reject(away)).handler)).toBe(1);
    const { got, handler } = collect();
    await clock.advance(699);
    expect(await queue.deliver(handler)).toBe(0);
    await clock.advance(1);
    await queue.deliver(handler);
    expect(got.map(({ messageId, deliveries }) => [messageId, deliveries])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  });

  test('whose holder died comes again, and the dead settle nothing', async () => {
    const { queue } = setUp();
    queue.send(command('a'));
    const late = Promise.withResolvers<Settlement>();
    const died = queue.deliver(() => late.promise);
    queue.releaseLocks();
    late.resolve({ kind: 'deadLetter', reason: 'too late', description: '' });
    await died;
    expect(queue.deadLetters).toEqual([]);
    expect(queue.waiting).toMatchObject([{ messageId: 'a', deliveries: 1 }]);
  });
});

describe('a scheduled step', () => {
  test('comes at its time, not before', async () => {
    const { queue, clock } = setUp();
    await queue.schedule(step, after(clock.now(), 500));
    const { got, handler } = collect();
    await clock.advance(499);
    await queue.deliver(handler);
    expect(got).toEqual([]);
    await clock.advance(1);
    await queue.deliver(handler);
    expect(got).toMatchObject([{ body: { kind: 'followUp', followUp: step } }]);
  });

  test('comes once for one attempt', async () => {
    const { queue, clock } = setUp();
    for (const attempt of [1, 1, 2]) await queue.schedule({ ...step, attempt }, clock.now());
    expect(queue.waiting).toHaveLength(2);
  });
});

test('run handles what comes, several at a time, and ends with the last settled', async () => {
  const { queue, clock } = setUp();
  const abort = new AbortController();
  const gate = Promise.withResolvers<Settlement>();
  const { got, handler } = collect(() => {
    if (got.length === 3) abort.abort();
    return gate.promise;
  });
  queue.send(command('a'));
  await queue.schedule(step, after(clock.now(), 500));
  const running = queue.run(handler, abort.signal);
  queue.send(command('b'));
  await clock.advance(500);
  expect(got.map(({ messageId }) => messageId)).toEqual(['a', 'b', 'e:c:1']);
  gate.resolve(complete);
  await running;
  expect(queue.waiting).toEqual([]);
});
