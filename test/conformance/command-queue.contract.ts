import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { after, instant } from '@headroom/core';
import type { Command } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { CommandHandler, CommandQueue, FollowUp, QueuedMessage } from '@headroom/ports';
import { aCommand, newTarget } from './samples.ts';
import { Witness } from './witness.ts';

/** A queue of its own, empty. */
export interface QueueWorld {
  readonly queue: CommandQueue;
  /** As the topic forwards it. */
  send(command: Command): Promise<void>;
}

interface Taken {
  readonly message: QueuedMessage;
  readonly atMs: number;
}

export function commandQueueContract(name: string, makeWorld: () => Promise<QueueWorld>): void {
  describe(`CommandQueue: ${name}`, () => {
    let world: QueueWorld;
    let taken: Witness<Taken>;
    let dead: Witness<QueuedMessage>;
    let stopping: AbortController;
    let ends: Promise<void>[];

    beforeEach(async () => {
      world = await makeWorld();
      taken = new Witness();
      dead = new Witness();
      stopping = new AbortController();
      ends = [];
    });
    afterEach(async () => {
      stopping.abort();
      await Promise.all(ends);
    });

    const complete: CommandHandler = () => Promise.resolve({ kind: 'complete' });
    const start = (handle: CommandHandler = complete): void => {
      const noting: CommandHandler = (message) => {
        taken.add({ message, atMs: Date.now() });
        return handle(message);
      };
      ends.push(world.queue.run(noting, stopping.signal));
    };
    const startDeadLetters = (): void => {
      const noting: CommandHandler = (message) => {
        dead.add(message);
        return Promise.resolve({ kind: 'complete' });
      };
      ends.push(world.queue.runDeadLetters(noting, stopping.signal));
    };
    const has = (count: number) => (seen: readonly unknown[]) => seen.length >= count;
    const step = (attempt: number): FollowUp => ({
      exclusionKey: '/subscriptions/s/endpoints/e',
      commandId: 'c1',
      attempt,
    });

    test('a command comes as it was sent, once when it was completed', async () => {
      start();
      const command = aCommand(newTarget());
      await world.send(command);
      await taken.until(has(1), 'the command');
      const other = aCommand(newTarget());
      await world.send(other);
      await taken.until(has(2), 'the other command');
      const [first, second] = taken.seen.map(({ message }) => message);
      expect(first).toMatchObject({ body: { kind: 'command', command }, deliveries: 0 });
      expect(first!.messageId).toBe(command.id);
      expect(second).toMatchObject({ body: { kind: 'command', command: other } });
    });

    test('several are handled at a time', async () => {
      const release = Promise.withResolvers<undefined>();
      start(async () => {
        await release.promise;
        return { kind: 'complete' };
      });
      for (let at = 0; at < 5; at++) await world.send(aCommand(newTarget()));
      await taken.until(has(5), 'five in hand at once');
      release.resolve(undefined);
    });

    test('a message whose handler throws comes again, counted, and in the end is a dead letter', async () => {
      start(() => Promise.reject(new Error('poison')));
      startDeadLetters();
      const command = aCommand(newTarget());
      await world.send(command);
      await dead.until(has(1), 'the dead letter', 40_000);
      const counts = taken.seen.map(({ message }) => message.deliveries);
      expect(counts).toEqual(counts.map((_, at) => at));
      expect(counts.length).toBeGreaterThan(1);
      expect(dead.seen[0]).toMatchObject({
        body: { kind: 'command', command },
        deadLetterReason: 'MaxDeliveryCountExceeded',
      });
    });

    test('a message that waits for a dependency keeps its count', async () => {
      const away = new DependencyUnavailable('cosmos', 'away', { retryAfterMs: 5 });
      let calls = 0;
      start(() => (++calls < 20 ? Promise.reject(away) : complete(taken.seen[0]!.message)));
      await world.send(aCommand(newTarget()));
      await taken.until(has(20), 'twenty attempts');
      expect(new Set(taken.seen.map(({ message }) => message.deliveries))).toEqual(new Set([0]));
    });

    test('a dead letter keeps the reason that it was given', async () => {
      start(() => Promise.resolve({ kind: 'deadLetter', reason: 'Unknown', description: 'why' }));
      startDeadLetters();
      const command = aCommand(newTarget());
      await world.send(command);
      await dead.until(has(1), 'the dead letter');
      expect(dead.seen[0]).toMatchObject({
        messageId: command.id,
        body: { kind: 'command', command },
        deadLetterReason: 'Unknown',
      });
      expect(taken.seen).toHaveLength(1);
    });

    test('a dead letter that is settled is gone', async () => {
      start(() => Promise.resolve({ kind: 'deadLetter', reason: 'Unknown', description: 'why' }));
      startDeadLetters();
      const commands = [aCommand(newTarget()), aCommand(newTarget())];
      for (const command of commands) await world.send(command);
      await dead.until(has(2), 'both dead letters');
      const ids = dead.seen.map(({ messageId }) => messageId).sort();
      expect(ids).toEqual(commands.map(({ id }) => id).sort());
    });

    test('a follow-up comes at its time, not before', async () => {
      start();
      const at = after(instant(Date.now()), 500);
      await world.queue.schedule(step(1), at);
      await taken.until(has(1), 'the follow-up');
      expect(taken.seen[0]!.message.body).toEqual({ kind: 'followUp', followUp: step(1) });
      expect(taken.seen[0]!.atMs).toBeGreaterThanOrEqual(at - 20);
    });

    test('a follow-up that is due already comes at once', async () => {
      start();
      await world.queue.schedule(step(1), instant(Date.now() - 60_000));
      await taken.until(has(1), 'the follow-up');
    });

    test('a follow-up that is scheduled twice comes once; another attempt is another one', async () => {
      start();
      const at = instant(Date.now());
      await world.queue.schedule(step(1), at);
      await world.queue.schedule(step(1), at);
      await world.queue.schedule(step(2), after(at, 100));
      await taken.until(has(2), 'two follow-ups');
      const attempts = taken.seen.map(({ message: { body } }) =>
        body.kind === 'followUp' ? body.followUp.attempt : 0,
      );
      expect(attempts).toEqual([1, 2]);
    });

    test('ends when it is told to, after what it has in hand', async () => {
      const release = Promise.withResolvers<undefined>();
      start(async () => {
        await release.promise;
        return { kind: 'complete' };
      });
      await world.send(aCommand(newTarget()));
      await taken.until(has(1), 'the handler is called');
      stopping.abort();
      let ended = false;
      const end = ends[0]!.then(() => (ended = true));
      await new Promise((resolve) => setImmediate(resolve));
      expect(ended).toBe(false);
      release.resolve(undefined);
      await end;
      expect(taken.seen).toHaveLength(1);
    });
  });
}
