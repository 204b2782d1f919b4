import { ServiceBusError } from '@azure/service-bus';
import type { MessageHandlers, ServiceBusReceivedMessage } from '@azure/service-bus';
import { describe, expect, test } from '@jest/globals';
import { assert } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { Settlement } from '@headroom/ports';
import { runIntake } from './intake.ts';
import type { IntakeReceiver } from './intake.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const complete: Settlement = { kind: 'complete' };

/** Settlements by message id, and a promise of the next one. */
class FakeReceiver implements IntakeReceiver {
  readonly settled: string[] = [];
  readonly subscriptions: ('open' | 'closed')[] = [];
  handlers: MessageHandlers | undefined;
  #waiting: (() => void)[] = [];

  subscribe(handlers: MessageHandlers): { close(): Promise<void> } {
    const at = this.subscriptions.push('open') - 1;
    this.handlers = handlers;
    this.#changed();
    return {
      close: () => {
        this.subscriptions[at] = 'closed';
        this.#changed();
        return Promise.resolve();
      },
    };
  }

  completeMessage(message: ServiceBusReceivedMessage): Promise<void> {
    return this.#settle('completed', message);
  }

  deadLetterMessage(
    message: ServiceBusReceivedMessage,
    options?: { deadLetterReason?: string },
  ): Promise<void> {
    return this.#settle(`dead (${options?.deadLetterReason ?? ''})`, message);
  }

  abandonMessage(message: ServiceBusReceivedMessage): Promise<void> {
    return this.#settle('abandoned', message);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Delivers without waiting for the outcome. */
  deliver(message: ServiceBusReceivedMessage): void {
    assert(this.handlers !== undefined, 'not subscribed');
    void this.handlers.processMessage(message);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #settle(how: string, message: ServiceBusReceivedMessage): Promise<void> {
    this.settled.push(`${String(message.messageId)} ${how}`);
    this.#changed();
    return Promise.resolve();
  }

  #changed(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function message(id: string, lockedForMs = 60_000): ServiceBusReceivedMessage {
  return {
    body: Buffer.from('{}'),
    messageId: id,
    deliveryCount: 0,
    lockedUntilUtc: new Date(Date.now() + lockedForMs),
    state: 'active',
    _rawAmqpMessage: { body: undefined },
  };
}

interface Started {
  readonly receiver: FakeReceiver;
  readonly running: Promise<void>;
  readonly stop: () => Promise<void>;
}

function start(handle: (message: ServiceBusReceivedMessage) => Promise<Settlement>): Started {
  const receiver = new FakeReceiver();
  const stopping = new AbortController();
  const options = {
    createReceiver: () => receiver,
    entity: 'scale-commands',
    concurrency: 4,
    log: quiet,
    handle,
  };
  const running = runIntake(options, stopping.signal);
  const stop = (): Promise<void> => {
    stopping.abort();
    return running;
  };
  return { receiver, running, stop };
}

const down = new DependencyUnavailable('cosmos', 'down', { retryAfterMs: 1 });

describe('taking messages in', () => {
  test.each([
    ['complete', complete, 'a completed'],
    ['dead-letter', { kind: 'deadLetter', reason: 'Bad', description: 'x' }, 'a dead (Bad)'],
  ] as const)('settles as the handler says: %s', async (_name, settlement, settled) => {
    const { receiver, stop } = start(() => Promise.resolve(settlement));
    receiver.deliver(message('a'));
    await receiver.until(() => receiver.settled.length === 1);
    await stop();
    expect(receiver.settled).toEqual([settled]);
  });

  test('releases the message of a handler that failed', async () => {
    const { receiver, stop } = start(() => Promise.reject(new Error('poison')));
    receiver.deliver(message('a'));
    await receiver.until(() => receiver.settled.length === 1);
    await stop();
    expect(receiver.settled).toEqual(['a abandoned']);
  });

  test('while a dependency is down it holds the message and receives no more, then goes on', async () => {
    let calls = 0;
    const { receiver, stop } = start(() => {
      calls++;
      return calls < 4 ? Promise.reject(down) : Promise.resolve(complete);
    });
    receiver.deliver(message('a'));
    await receiver.until(() => receiver.subscriptions[0] === 'closed');
    await receiver.until(() => receiver.settled.length === 1);
    await receiver.until(() => receiver.subscriptions.length === 2);
    expect(receiver.settled).toEqual(['a completed']);
    expect(receiver.subscriptions).toEqual(['closed', 'open']);
    await stop();
    expect(calls).toBe(4);
  });

  test('leaves a message whose lock has ended to its next delivery', async () => {
    let calls = 0;
    const { receiver, stop } = start(() => {
      calls++;
      return Promise.reject(down);
    });
    receiver.deliver(message('a', -1));
    await receiver.until(() => receiver.subscriptions.length === 2);
    await stop();
    expect(calls).toBe(1);
    expect(receiver.settled).toEqual([]);
  });

  test('stops when what is in hand is settled', async () => {
    const { promise, resolve } = Promise.withResolvers<Settlement>();
    const { receiver, stop } = start(() => promise);
    receiver.deliver(message('a'));
    const stopped = stop();
    await receiver.until(() => receiver.subscriptions[0] === 'closed');
    expect(receiver.settled).toEqual([]);
    resolve(complete);
    await stopped;
    expect(receiver.settled).toEqual(['a completed']);
  });

  test('gives held messages back when it stops', async () => {
    const slow = new DependencyUnavailable('cosmos', 'down', { retryAfterMs: 60_000 });
    const { receiver, stop } = start(() => Promise.reject(slow));
    receiver.deliver(message('a'));
    await receiver.until(() => receiver.subscriptions[0] === 'closed');
    await stop();
    expect(receiver.settled).toEqual(['a abandoned']);
  });

  test("a programmer's error ends it and leaves the message unsettled", async () => {
    const { receiver, running } = start(() => {
      assert(false, 'impossible');
      return Promise.resolve(complete);
    });
    receiver.deliver(message('a'));
    await expect(running).rejects.toThrow('impossible');
    expect(receiver.settled).toEqual([]);
  });

  test('an unknown queue ends it with what to do', async () => {
    const { receiver, running } = start(() => Promise.resolve(complete));
    void receiver.handlers!.processError({
      error: new ServiceBusError('no such queue', 'MessagingEntityNotFound'),
      errorSource: 'receive',
      entityPath: 'scale-commands',
      fullyQualifiedNamespace: 'localhost',
      identifier: 'x',
    });
    await expect(running).rejects.toThrow("'scale-commands' cannot be used: it does not exist");
  });
});
