import { secondMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { Slice } from '@headroom/ports';
import type { Quota } from './admission.ts';
import { Demand } from './demand.ts';
import { Largest } from './largest.ts';
import {
  limitLeaseMs,
  longWindowMs,
  longWindowPart,
  noShareRetryMs,
  renewalMs,
  turnMinMs,
  windowGrains,
} from './named-limits.ts';
import { shareInTurn } from './share-out.ts';
import { untilOf, withOwn } from './shared-pool.ts';
import type { Found, Proposal, Round, SharedPool } from './shared-pool.ts';
import { SlidingCount } from './sliding-count.ts';

export interface LimitInForceHere {
  /** Calls or tokens a second, for all instances together. */
  readonly perSecond: number;
  readonly periodMs: Millis;
  readonly whenAway: 'open' | 'closed';
}

/** What this instance asks for: a second, and in units by its largest call. */
interface OwnClaim {
  readonly demand: number;
  readonly least: number;
}

/** This instance's part of the limit. */
interface Share {
  readonly perSecond: number;
  /** In time that never goes back. */
  readonly until: Instant;
}

/**
 * A limit of calls or tokens that instances share. Counted over a sliding window: `perSecond × periodMs`, rounded up to whole
 * units, within the time in which that many are allowed. So the rate is exact in the long run also where a period holds no
 * whole number of calls, and no window holds more than a period's worth above it (`SlidingCount`). A slice is a whole number
 * of units too. The store holds of each holder the most that any of its open windows can hold, so the same is true of the
 * sum of what all admit, while slices move as well.
 *
 * After a fall every instance cuts its share in proportion when it hears of it; the sum is kept once all have.
 */
export class SharedLimit implements SharedPool {
  readonly name: string;
  readonly leaseMs = limitLeaseMs;
  readonly #count: SlidingCount;
  readonly #demand = new Demand();
  readonly #largest = new Largest();
  #inForce: LimitInForceHere;
  #share: Share | undefined;
  #renewedAt: Instant | undefined;
  /** All instances' units, within `#windowMs`. */
  #units = 0;
  #windowMs: Millis = 0;
  /** This instance's units, while its lease lasts. */
  #own = 0;

  constructor(name: string, inForce: LimitInForceHere) {
    this.name = name;
    this.#inForce = inForce;
    this.#count = new SlidingCount(inForce.periodMs / windowGrains);
    this.#measureOut();
  }

  get lingerMs(): Millis {
    return this.#windowMs;
  }

  get perSecond(): number {
    return this.#inForce.perSecond;
  }

  /** What this instance may use now. */
  sharePerSecond(time: Instant): number {
    return this.#perSecondOf(this.allowed(time));
  }

  get periodMs(): Millis {
    return this.#inForce.periodMs;
  }

  get windowMs(): Millis {
    return this.#windowMs;
  }

  /** What was counted stays counted. */
  set(inForce: LimitInForceHere): void {
    const before = this.#inForce.perSecond;
    this.#inForce = inForce;
    this.#count.grainMs = inForce.periodMs / windowGrains;
    if (inForce.perSecond < before) this.#cut(inForce.perSecond / before);
    if (inForce.perSecond !== before) this.#renewedAt = undefined;
    this.#measureOut();
  }

  /** Whether all instances together may have so much in a window. */
  holds(amount: number): boolean {
    return amount <= this.#units;
  }

  /** What others use is not known, and nothing passes until it is. Of nothing there is nothing to know. */
  isAway(time: Instant): boolean {
    return this.#inForce.whenAway === 'closed' && !this.#hasLease(time) && this.#units > 0;
  }

  /** Of what it `holds`. */
  ask(amount: number): void {
    this.#demand.ask(amount);
    this.#largest.saw(amount);
  }

  /** Units that may be in the window at this instance. */
  allowed(time: Instant): number {
    if (this.#hasLease(time)) return this.#own;
    if (this.#inForce.whenAway === 'closed') return 0;
    return this.#share === undefined ? this.#units : this.#own;
  }

  fits(amount: number, time: Instant): boolean {
    return this.#count.sum(time, this.#windowMs) + amount <= this.allowed(time);
  }

  /** Answers the entry, for `giveBack`. */
  take(amount: number, time: Instant): number {
    return this.#count.add(time, amount, this.allowed(time), this.#windowMs);
  }

  giveBack(entry: number, amount: number): void {
    this.#count.giveBack(entry, amount);
  }

  retryIn(amount: number, time: Instant): Millis {
    const allowed = this.allowed(time);
    if (allowed < amount) return noShareRetryMs;
    const excess = this.#count.sum(time, this.#windowMs) + amount - allowed;
    return this.#count.freeIn(excess, time, this.#windowMs);
  }

  quota(time: Instant): Quota {
    // Units are whole numbers.
    const free = this.allowed(time) - this.#count.sum(time, this.#windowMs);
    return {
      limit: this.#units,
      remaining: free > 0 ? free : 0,
      periodMs: this.#inForce.periodMs,
      resetMs: this.#count.emptyIn(time, this.#windowMs),
    };
  }

  isDue(time: Instant): boolean {
    if (this.#renewedAt === undefined) return true;
    const everyMs = this.#demand.isActive ? renewalMs : this.leaseMs / 3;
    return time - this.#renewedAt >= everyMs;
  }

  propose(found: Found, round: Round): Proposal | undefined {
    const { holder, time, beganAt } = round;
    const { perSecond: whole } = this.#inForce;
    const demand = round.isLast ? 0 : this.#demand.measure(time, this.#windowMs, whole);
    const used = this.#count.sum(time, this.#windowMs);
    const least = Math.max(1, this.#largest.at(time, Math.max(this.#windowMs, turnMinMs)));
    const granted = round.isLast ? 0 : this.#granted(found, round, { demand, least }, used);
    const amount = this.#perSecondOf(Math.max(granted, used));
    const own: Slice = {
      ...{ holder, amount, demand, until: untilOf(round, this.leaseMs) },
      ...(least === 1 ? {} : { least: this.#perSecondOf(least) }),
    };
    const next = {
      perSecond: this.#perSecondOf(granted),
      until: (beganAt + this.leaseMs) as Instant,
    };
    if (!round.isLast && this.#canStay(found, own, next.perSecond, round)) {
      this.#renewedAt = beganAt;
      return undefined;
    }
    this.#shrinkTo(next);
    return {
      shares: { pool: this.name, slices: withOwn(found, own, round.isLast), taken: [] },
      written: () => {
        this.#renewedAt = beganAt;
        // The limit may have fallen while the store was asked.
        const cut = Math.min(1, this.#inForce.perSecond / whole || 0);
        this.#share = { perSecond: next.perSecond * cut, until: next.until };
        this.#measureOut();
      },
      refused: () => undefined,
    };
  }

  #hasLease(time: Instant): boolean {
    return this.#share !== undefined && time < this.#share.until;
  }

  #granted({ others, silent }: Found, round: Round, own: OwnClaim, used: number): number {
    const { holder, now } = round;
    const claimants = [
      ...others.map((other) => ({
        holder: other.holder,
        demand: this.#unitsOf(other.demand),
        least: Math.max(1, this.#unitsOf(other.least ?? 0)),
      })),
      { holder, demand: this.#unitsOf(own.demand), least: own.least },
    ];
    const left = Math.max(0, Math.floor(this.#units - this.#heldBy(silent) + 1e-6));
    const turn = Math.floor(now / Math.max(turnMinMs, 2 * this.#windowMs));
    const wanted = shareInTurn(left, claimants, turn).get(holder) ?? 0;
    const free = Math.floor(left - this.#heldBy(others) + 1e-6);
    return Math.max(0, Math.min(wanted, free, used + this.#ahead(own.demand)));
  }

  #heldBy(slices: readonly Slice[]): number {
    return slices.reduce((sum, { amount }) => sum + this.#unitsOf(amount), 0);
  }

  /** Of a long window not all is taken at once: what a holder that dies has would be lost for so long. */
  #ahead(demand: number): number {
    if (this.#windowMs <= longWindowMs) return Infinity;
    const forLeases = 2 * demand * (this.leaseMs / secondMs);
    return Math.ceil(Math.max(this.#units * longWindowPart, forLeases));
  }

  /** Nothing would change, and the lease is young: most rounds only read. */
  #canStay(
    { own, dead }: Found,
    { amount, demand, least }: Slice,
    perSecond: number,
    { beganAt }: Round,
  ): boolean {
    const share = this.#share;
    if (own === undefined || share === undefined || dead.length > 0) return false;
    const isYoung = share.until - beganAt > (this.leaseMs * 2) / 3;
    const sameDemand = Math.abs(own.demand - demand) <= 0.1 * Math.max(own.demand, demand);
    if (!same(own.least ?? 0, least ?? 0)) return false;
    return isYoung && sameDemand && same(own.amount, amount) && same(share.perSecond, perSecond);
  }

  #shrinkTo(next: Share): void {
    const share = this.#share;
    if (share === undefined || share.perSecond <= next.perSecond) return;
    this.#share = { ...share, perSecond: next.perSecond };
    this.#measureOut();
  }

  #cut(factor: number): void {
    const share = this.#share;
    if (share !== undefined) this.#share = { ...share, perSecond: share.perSecond * factor };
  }

  #measureOut(): void {
    const { perSecond, periodMs } = this.#inForce;
    const inPeriod = (perSecond * periodMs) / secondMs;
    this.#units = Math.ceil(inPeriod - 1e-6);
    this.#windowMs = this.#units > 0 ? (this.#units * secondMs) / perSecond : periodMs;
    this.#own = Math.floor(this.#unitsOf(this.#share?.perSecond ?? 0) + 1e-6);
  }

  #unitsOf(perSecond: number): number {
    return (perSecond * this.#windowMs) / secondMs;
  }

  #perSecondOf(units: number): number {
    return (units * secondMs) / this.#windowMs;
  }
}

function same(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(1, a, b);
}
