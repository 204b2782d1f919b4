import { randomFillSync } from 'node:crypto';
import { lockLost } from '../errors.ts';
import type { BusServices } from './services.ts';

interface Lock<Held> {
  readonly held: Held;
  untilMs: number;
  cancel: () => void;
}

/** What the receivers of a queue hold, by the tokens of their locks. A lock ends by itself. */
export class Locks<Held> {
  readonly #lockMs: number;
  readonly #services: Pick<BusServices, 'clock' | 'timers'>;
  readonly #onExpired: (held: Held) => void;
  readonly #locks = new Map<string, Lock<Held>>();
  readonly #tokens = new Tokens();

  constructor(
    lockMs: number,
    services: Pick<BusServices, 'clock' | 'timers'>,
    onExpired: (held: Held) => void,
  ) {
    this.#lockMs = lockMs;
    this.#services = services;
    this.#onExpired = onExpired;
  }

  /** Locks something; the token is a uuid, `untilMs` is when the lock ends (epoch ms). */
  take(held: Held): { readonly token: Buffer; readonly untilMs: number } {
    const token = this.#tokens.next();
    const key = token.toString('hex');
    const untilMs = this.#end();
    this.#locks.set(key, { held, untilMs, cancel: this.#watch(key, held, untilMs) });
    return { token, untilMs };
  }

  /** Ends a lock before its time and returns what it held; undefined when it is lost. */
  release(token: Buffer): Held | undefined {
    const key = token.toString('hex');
    const lock = this.#holding(key);
    if (lock === undefined) return undefined;
    lock.cancel();
    this.#locks.delete(key);
    return lock.held;
  }

  /** Until when (epoch ms) the lock now holds. Throws when it is lost. */
  renew(token: Buffer): number {
    const key = token.toString('hex');
    const lock = this.#holding(key);
    if (lock === undefined) throw lockLost();
    lock.cancel();
    lock.untilMs = this.#end();
    lock.cancel = this.#watch(key, lock.held, lock.untilMs);
    return lock.untilMs;
  }

  /** A lock whose time is up does not hold, also when its deadline has yet to run. */
  #holding(key: string): Lock<Held> | undefined {
    const lock = this.#locks.get(key);
    return lock !== undefined && lock.untilMs > this.#services.clock() ? lock : undefined;
  }

  #end(): number {
    return this.#services.clock() + this.#lockMs;
  }

  #watch(key: string, held: Held, untilMs: number): () => void {
    return this.#services.timers.at(untilMs, () => {
      this.#locks.delete(key);
      this.#onExpired(held);
    });
  }
}

const TOKEN_BYTES = 16;
const TOKENS_AT_ONCE = 256;

/** Random tokens, made many at a time: asking the system for each is slow. */
class Tokens {
  #left = Buffer.alloc(0);

  next(): Buffer {
    if (this.#left.length === 0)
      this.#left = randomFillSync(Buffer.alloc(TOKEN_BYTES * TOKENS_AT_ONCE));
    const token = this.#left.subarray(0, TOKEN_BYTES);
    this.#left = this.#left.subarray(TOKEN_BYTES);
    return token;
  }
}
