import type { Instant } from '@headroom/core';
import type { ShareStore } from '@headroom/ports';
import { SteadyClock } from './clocks.ts';
import type { Limiter } from './limiter.ts';
import { attemptsMax, renewalsAtOnce, steadyStepMs } from './named-limits.ts';
import { Observed } from './observed.ts';
import type { Round, SharedPool } from './shared-pool.ts';

export interface RenewalsOptions {
  readonly limiter: Limiter;
  readonly shares: ShareStore;
}

/** What came of one round. Pools that failed keep their slices until they expire, and are tried again in the next one. */
export interface Renewed {
  readonly renewed: number;
  readonly failed: readonly { readonly pool: string; readonly error: unknown }[];
}

type Common = Omit<Round, 'time'>;

/**
 * Keeps the limiter's slices of the limits and budgets that it shares with other instances: reads what all hold, takes what
 * is its own part, writes it on the ETag. No call waits for it.
 */
export class Renewals {
  readonly #limiter: Limiter;
  readonly #shares: ShareStore;
  readonly #steady = new SteadyClock(steadyStepMs);
  readonly #underWay = new Set<SharedPool>();
  readonly #observed = new WeakMap<SharedPool, Observed>();

  constructor({ limiter, shares }: RenewalsOptions) {
    this.#limiter = limiter;
    this.#shares = shares;
  }

  /**
   * To be called about once a second, and once before calls are let in: it asks the store for what is due only. A round may
   * begin while another still waits for the store: it leaves out what is under way. Never rejects because the store is
   * away: the answer says so.
   */
  renew(now: Instant): Promise<Renewed> {
    return this.#round(now, false);
  }

  /** Gives everything back that is not in use: at the end of a process, after its last call. */
  release(now: Instant): Promise<Renewed> {
    return this.#round(now, true);
  }

  async #round(now: Instant, isLast: boolean): Promise<Renewed> {
    const beganAt = this.#limiter.timeAt(now);
    const steady = this.#steady.at(now);
    const { holder } = this.#limiter;
    const stampAt = Math.max(now, steady) as Instant;
    const common: Common = { holder, isLast, now, beganAt, steady, stampAt };
    const due = [...this.#limiter.pools()].filter(
      (pool) => !this.#underWay.has(pool) && (isLast || pool.isDue(beganAt)),
    );
    for (const pool of due) this.#underWay.add(pool);
    const failed: Renewed['failed'][number][] = [];
    const next = due.values();
    await Promise.all(
      Array.from({ length: Math.min(renewalsAtOnce, due.length) }, async () => {
        // One iterator for all: each takes the next that nobody took.
        for (const pool of next) {
          const error = await this.#attempt(pool, common);
          if (error !== undefined) failed.push({ pool: pool.name, error });
        }
      }),
    );
    return { renewed: due.length - failed.length, failed };
  }

  /** Answers what went wrong. */
  async #attempt(pool: SharedPool, common: Common): Promise<unknown> {
    try {
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        if (await this.#write(pool, common)) return undefined;
      }
      return new Error(`${pool.name}: others were faster ${attemptsMax} times`);
    } catch (error) {
      return error;
    } finally {
      this.#underWay.delete(pool);
    }
  }

  /** `false`: another holder was faster. */
  async #write(pool: SharedPool, common: Common): Promise<boolean> {
    const read = await this.#shares.read(pool.name);
    const { holder, now } = common;
    const found = this.#observedOf(pool).look(read?.shares, holder, pool.lingerMs, now);
    // Calls went on while the store was asked.
    const { time } = this.#limiter;
    const proposal = pool.propose(found, { ...common, time });
    if (proposal === undefined) return true;
    const written = await this.#shares.replace(proposal.shares, read?.etag);
    if (written.kind === 'conflict') {
      proposal.refused();
      return false;
    }
    proposal.written();
    return true;
  }

  #observedOf(pool: SharedPool): Observed {
    const known = this.#observed.get(pool);
    if (known !== undefined) return known;
    const observed = new Observed(pool.leaseMs);
    this.#observed.set(pool, observed);
    return observed;
  }
}
