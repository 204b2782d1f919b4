import type {
  MessageHandlers,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusReceiverOptions,
} from '@azure/service-bus';
import { AssertionError, hourMs } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { Log, Settlement } from '@headroom/ports';
import { setTimeout } from 'node:timers/promises';
import { EntityRefused, entityError, isLockLost } from './errors.ts';

export interface IntakeLimits {
  /** Messages in hand at a time. */
  readonly concurrency?: number;
}

/** What an intake uses of the SDK's receiver. */
export type IntakeReceiver = Pick<
  ServiceBusReceiver,
  'subscribe' | 'completeMessage' | 'deadLetterMessage' | 'abandonMessage' | 'close'
>;

export interface IntakeOptions {
  readonly createReceiver: (options: ServiceBusReceiverOptions) => IntakeReceiver;
  /** For logs and errors. */
  readonly entity: string;
  readonly concurrency: number;
  readonly log: Log;
  readonly handle: (message: ServiceBusReceivedMessage) => Promise<Settlement>;
}

/** `release`: it comes again at once, counted. `leave`: its lock is lost, or the process is about to end. */
type Ending = Settlement | { readonly kind: 'release' } | { readonly kind: 'leave' };

/** How long a message is held while a dependency is down; after that it comes again, counted as one delivery. */
const heldMaxMs = hourMs;
const firstRetryMs = 250;
const retryMaxMs = 15_000;
/**
 * What is being settled when the connection breaks is never answered, and the SDK tries it four times more in vain: the
 * message comes again by itself.
 */
const settleMaxMs = 6000;
/** A message whose handler fails does not use its deliveries up within milliseconds. */
const firstReleaseMs = 100;
const releaseMaxMs = 5000;

/**
 * Hands each message to the handler and settles it by the answer, until `signal` aborts and all in hand are settled.
 *
 *   receiving ──a dependency is down──► paused ──all in hand settled──► receiving
 *
 * While paused the messages in hand stay locked and are tried again: a delivery count measures poison, not outages.
 */
export async function runIntake(options: IntakeOptions, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Intake(options, signal).run();
}

class Intake {
  readonly #options: IntakeOptions;
  readonly #signal: AbortSignal;
  readonly #receiver: IntakeReceiver;
  readonly #inHand = new Set<Promise<void>>();
  readonly #fatal = Promise.withResolvers<never>();
  #subscription: { close(): Promise<void> } | undefined;
  #pausing: Promise<void> | undefined;
  #stopping = false;

  constructor(options: IntakeOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#receiver = options.createReceiver({
      receiveMode: 'peekLock',
      skipParsingBodyAsJson: true,
      maxAutoLockRenewalDurationInMs: heldMaxMs,
    });
    // Heard by `run`; a second one, or one while stopping, changes nothing.
    this.#fatal.promise.catch(() => undefined);
  }

  async run(): Promise<void> {
    this.#subscribe();
    try {
      await Promise.race([aborted(this.#signal), this.#fatal.promise]);
    } finally {
      this.#stopping = true;
      await this.#unsubscribe();
      while (this.#inHand.size > 0) await Promise.all(this.#inHand);
      await this.#receiver
        .close()
        .catch((error: unknown) => this.#warn('queue.close-failed', error));
    }
  }

  #subscribe(): void {
    const handlers: MessageHandlers = {
      processMessage: (message) => this.#take(message),
      processError: ({ error }) => this.#failed(error),
    };
    this.#subscription = this.#receiver.subscribe(handlers, {
      autoCompleteMessages: false,
      maxConcurrentCalls: this.#options.concurrency,
    });
  }

  /** The link stays open, so that what is in hand can be settled. */
  async #unsubscribe(): Promise<void> {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    await subscription?.close().catch((error: unknown) => this.#warn('queue.pause-failed', error));
  }

  /** Never rejects: the SDK would abandon the message. */
  async #take(message: ServiceBusReceivedMessage): Promise<void> {
    const work = this.#finish(message);
    this.#inHand.add(work);
    await work;
    this.#inHand.delete(work);
    // Later than the SDK's own credit for this message, which would otherwise come on top.
    if (this.#pausing && this.#inHand.size === 0) setImmediate(() => void this.#resume());
  }

  async #finish(message: ServiceBusReceivedMessage): Promise<void> {
    try {
      const ending = await this.#handle(message);
      await within(settleMaxMs, this.#settle(message, ending));
    } catch (error) {
      const event = isLockLost(error) ? 'queue.lock-lost' : 'queue.settle-failed';
      this.#warn(event, entityError(error, this.#options.entity), message);
    }
  }

  async #handle(message: ServiceBusReceivedMessage): Promise<Ending> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#options.handle(message);
      } catch (error) {
        if (error instanceof AssertionError) {
          this.#fatal.reject(error);
          return { kind: 'leave' };
        }
        this.#warn('queue.handler-failed', error, message);
        if (!(error instanceof DependencyUnavailable)) return this.#release(message);
        this.#pausing ??= this.#unsubscribe();
        const again = await this.#waitFor(error, attempt);
        if (!again) return { kind: 'release' };
        if (!isLocked(message)) return { kind: 'leave' };
      }
    }
  }

  async #release(message: ServiceBusReceivedMessage): Promise<Ending> {
    const delayMs = firstReleaseMs * 2 ** (message.deliveryCount ?? 0);
    await this.#wait(Math.min(delayMs, releaseMaxMs));
    return { kind: 'release' };
  }

  #waitFor(error: DependencyUnavailable, attempt: number): Promise<boolean> {
    return this.#wait(Math.min(error.retryAfterMs ?? firstRetryMs * 2 ** attempt, retryMaxMs));
  }

  /** False when the intake stops meanwhile. */
  async #wait(ms: number): Promise<boolean> {
    await setTimeout(ms, undefined, { signal: this.#signal }).catch(() => undefined);
    return !this.#signal.aborted && !this.#stopping;
  }

  async #settle(message: ServiceBusReceivedMessage, ending: Ending): Promise<void> {
    switch (ending.kind) {
      case 'complete':
        return this.#receiver.completeMessage(message);
      case 'deadLetter':
        return this.#receiver.deadLetterMessage(message, {
          deadLetterReason: ending.reason,
          deadLetterErrorDescription: ending.description,
        });
      case 'release':
        return this.#receiver.abandonMessage(message);
      case 'leave':
        return;
    }
  }

  async #resume(): Promise<void> {
    await this.#pausing;
    if (this.#inHand.size > 0 || this.#pausing === undefined || this.#stopping) return;
    this.#pausing = undefined;
    this.#options.log.info('queue.resumed', { entity: this.#options.entity });
    this.#subscribe();
  }

  #failed(error: unknown): Promise<void> {
    const mapped = entityError(error, this.#options.entity);
    if (mapped instanceof EntityRefused) this.#fatal.reject(mapped);
    if (!this.#stopping) this.#warn('queue.failed', mapped);
    return Promise.resolve();
  }

  #warn(event: string, error: unknown, message?: ServiceBusReceivedMessage): void {
    const { entity, log } = this.#options;
    const about = message && { messageId: message.messageId, deliveries: message.deliveryCount };
    log.warn(event, { entity, ...about, error });
  }
}

/** The SDK moves `lockedUntilUtc` on with each renewal. */
function isLocked(message: ServiceBusReceivedMessage): boolean {
  return message.lockedUntilUtc === undefined || message.lockedUntilUtc.getTime() > Date.now();
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const late = setTimeout(ms, undefined, { signal: done.signal }).then(() => {
    throw new DependencyUnavailable('service-bus', `the message was not settled within ${ms} ms`);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    // Whichever of them is still under way is not listened to any more.
    work.catch(() => undefined);
    late.catch(() => undefined);
    done.abort();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
