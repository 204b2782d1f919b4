import type { Instant, Millis } from '@headroom/core';
import type { Shares, Slice } from '@headroom/ports';
import { clockSkewMs, slackMs } from './named-limits.ts';
import { released } from './shared-pool.ts';
import type { Found } from './shared-pool.ts';

interface Seen {
  readonly slice: Slice;
  /** In observed time. */
  readonly atMs: Millis;
}

/**
 * Which holders of a pool are alive. No two clocks are compared: a slice whose holder has not renewed it while it was
 * watched for longer than a lease is dead. Time between two looks counts half a lease at most, so that neither a clock that
 * was set ahead nor a store that was away kills anybody. At its first sight a slice that ended long ago is dead.
 */
export class Observed {
  readonly #leaseMs: Millis;
  #seen = new Map<string, Seen>();
  #observedMs = 0;
  #lookedAt: Instant | undefined;

  constructor(leaseMs: Millis) {
    this.#leaseMs = leaseMs;
  }

  look(shares: Shares | undefined, holder: string, lingerMs: Millis, now: Instant): Found {
    const sinceMs = now - (this.#lookedAt ?? now);
    this.#observedMs += Math.min(Math.max(0, sinceMs), this.#leaseMs / 2);
    this.#lookedAt = now;
    const slices = shares?.slices ?? [];
    const own = slices.find((slice) => slice.holder === holder);
    const foreign = slices.filter((slice) => slice.holder !== holder);
    this.#note(foreign, lingerMs, now);
    const stateOf = (slice: Slice) => this.#stateOf(slice, lingerMs);
    const { others = [], silent = [], dead = [] } = Object.groupBy(foreign, stateOf);
    const taken = shares?.taken ?? [];
    return { ...(own === undefined ? {} : { own }), others, silent, dead, taken };
  }

  #stateOf(slice: Slice, lingerMs: Millis): 'others' | 'silent' | 'dead' {
    const silentMs = this.#ageOf(slice) - (slice.until === released ? 0 : this.#leaseMs + slackMs);
    if (silentMs > lingerMs) return 'dead';
    return silentMs > 0 || slice.until === released ? 'silent' : 'others';
  }

  #ageOf({ holder }: Slice): Millis {
    return this.#observedMs - (this.#seen.get(holder)?.atMs ?? this.#observedMs);
  }

  #note(foreign: readonly Slice[], lingerMs: Millis, now: Instant): void {
    const before = this.#seen;
    this.#seen = new Map();
    for (const slice of foreign) {
      const known = before.get(slice.holder);
      const hasLease = slice.until !== released;
      const isUnchanged = known?.slice.until === slice.until;
      const isOld = known === undefined && hasLease && slice.until + lingerMs + clockSkewMs < now;
      const atMs = isOld ? -Infinity : isUnchanged ? known.atMs : this.#observedMs;
      this.#seen.set(slice.holder, { slice, atMs });
    }
  }
}
