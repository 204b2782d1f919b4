import { secondMs } from '@headroom/core';
import type { Instant, Millis, SpendCap } from '@headroom/core';
import type { Slice } from '@headroom/ports';
import { Demand } from './demand.ts';
import {
  budgetLeaseMs,
  largestFades,
  noShareRetryMs,
  renewalMs,
  retryAfterMaxMs,
} from './named-limits.ts';
import { untilOf, withOwn } from './shared-pool.ts';
import type { Found, Proposal, Round, SharedPool } from './shared-pool.ts';
import { leavesAt, takenWith, takenWithin } from './taken-money.ts';

/** Money of a call under way. */
export interface Reservation {
  readonly micros: number;
  readonly epoch: number;
}

type Amounts = Partial<Record<SpendCap['per'], number>>;
const periods = ['hour', 'day', 'month'] as const;
/** What a busy instance holds in advance. */
const aheadMs = 5 * secondMs;
/** What an idle one holds, of the smallest cap. */
const idlePart = 0.01;

/**
 * A budget that instances share: every cap of an account, or of a group. In the store lie what was spent, by the minute in
 * which it was told, and what each holder has in hand, calls under way included. Their sum is at most each cap:
 *
 *     taken in the window + every slice ≤ cap          slice = unspent + reserved + spent and not told yet
 *
 * So a cap holds in every sliding window, whether a call counts when it is let in or when it ends, as far as none costs more
 * than its highest price. The slice of a
 * holder that died counts as spent. A budget never opens: after its lease nothing of a slice is spent, as
 * another holder may have put it down as spent, a minute that then leaves the window too early.
 */
export class SharedBudget implements SharedPool {
  readonly name: string;
  readonly leaseMs = budgetLeaseMs;
  readonly lingerMs = 0;
  #amounts: Amounts = {};
  /** The smallest cap. */
  #smallest = 0;
  readonly #demand = new Demand();
  /** What a call costs at most, without tokens. */
  #listed = 0;
  /** The dearest call of late: it fades with each renewal. */
  #dearest = 0;
  #granted = 0;
  #spent = 0;
  #reserved = 0;
  #until = -Infinity as Instant;
  /** Ends when the slice is found put down as spent: what was reserved from it is paid then. */
  #epoch = 0;
  /** What a write would have changed of which no answer came. */
  #unanswered: { readonly slice: Slice; readonly told: number } | undefined;
  #isKnown = false;
  /** A call was refused since the last renewal. */
  #isShort = false;
  #renewedAt: Instant | undefined;
  #roomAt: Instant | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Of several caps that members of a group name for one period the smallest counts. `prices`: of calls, without tokens. */
  set(caps: readonly SpendCap[], prices: readonly number[]): void {
    this.#listed = Math.max(0, ...prices.map(Math.ceil));
    const amounts: Amounts = {};
    for (const { per, amountMicros } of caps) {
      amounts[per] = Math.min(amounts[per] ?? Infinity, amountMicros);
    }
    const isSame = periods.every((per) => amounts[per] === this.#amounts[per]);
    if (isSame) return;
    this.#amounts = amounts;
    this.#smallest = Math.min(...Object.values(amounts));
    this.#renewedAt = undefined;
  }

  /** What can never be paid asks for nothing. */
  ask(micros: number): void {
    if (!(micros <= this.#smallest)) return;
    this.#demand.ask(micros);
    if (micros > this.#dearest) this.#dearest = micros;
  }

  fits(micros: number, time: Instant): boolean {
    const fits = time < this.#until && this.#spent + this.#reserved + micros <= this.#granted;
    if (!fits) this.#isShort = true;
    return fits;
  }

  reserve(micros: number): Reservation {
    this.#reserved += micros;
    return { micros, epoch: this.#epoch };
  }

  settle({ micros, epoch }: Reservation, cost: number): void {
    if (epoch === this.#epoch) {
      this.#reserved -= micros;
      this.#spent += cost;
    } else {
      this.#spent += Math.max(0, cost - micros);
    }
  }

  retryIn(time: Instant): Millis {
    const wait = (this.#roomAt ?? time) - time;
    if (wait < noShareRetryMs) return noShareRetryMs;
    return wait < retryAfterMaxMs ? wait : retryAfterMaxMs;
  }

  isDue(time: Instant): boolean {
    if (this.#renewedAt === undefined) return true;
    const sinceMs = time - this.#renewedAt;
    const inHand = this.#granted - this.#spent - this.#reserved;
    const isLow = this.#isShort || (this.#demand.isActive && inHand <= this.#granted / 2);
    return sinceMs >= (isLow ? renewalMs : this.leaseMs / 3);
  }

  propose(found: Found, round: Round): Proposal | undefined {
    this.#reconcile(found.own);
    this.#isShort = false;
    this.#dearest = Math.max(this.#listed, Math.floor(this.#dearest * largestFades));
    const orphan = this.#isKnown ? 0 : (found.own?.amount ?? 0);
    const told = this.#spent;
    const gone = orphan + sumOf(found.dead);
    const { stampAt, steady } = round;
    const taken = takenWith(found.taken, told + gone, stampAt, this.#longest, steady);
    const demand = round.isLast ? 0 : this.#demand.measure(round.time, 0, this.#smallest);
    const amount = this.#amount(this.#room(found, taken, round), found, demand, round.isLast);
    const until = untilOf(round, this.leaseMs);
    const slice = { holder: round.holder, amount, demand, until };
    if (told + gone === 0 && !round.isLast && this.#canStay(found.own, amount, round)) {
      this.#renewedAt = round.beganAt;
      return undefined;
    }
    this.#granted = Math.min(this.#granted, amount + told);
    this.#unanswered = { slice, told };
    return {
      shares: { pool: this.name, slices: withOwn(found, slice, round.isLast), taken },
      written: () => {
        this.#renewedAt = round.beganAt;
        this.#apply({ slice, told });
        this.#until = (round.beganAt + this.leaseMs) as Instant;
      },
      refused: () => (this.#unanswered = undefined),
    };
  }

  get #longest(): SpendCap['per'] {
    return periods.findLast((per) => this.#amounts[per] !== undefined) ?? 'hour';
  }

  /** Finds out what became of an unanswered write, and whether the slice is still there. */
  #reconcile(own: Slice | undefined): void {
    const unanswered = this.#unanswered;
    this.#unanswered = undefined;
    if (!this.#isKnown && unanswered === undefined) return;
    if (own !== undefined) {
      if (unanswered !== undefined && isSame(unanswered.slice, own)) this.#apply(unanswered);
      return;
    }
    if (!this.#isKnown) return;
    // Others put it down as spent, with everything that was reserved from it.
    this.#epoch++;
    this.#spent = Math.max(0, this.#spent + this.#reserved - this.#granted);
    this.#reserved = 0;
    this.#granted = 0;
    this.#until = -Infinity as Instant;
    this.#isKnown = false;
  }

  #apply({ slice, told }: { readonly slice: Slice; readonly told: number }): void {
    this.#granted = slice.amount;
    this.#spent -= told;
    this.#isKnown = true;
    this.#unanswered = undefined;
  }

  /** What no cap forbids to have in hand. Notes when there will be more. */
  #room(found: Found, taken: Proposal['shares']['taken'], { steady, time }: Round): number {
    const held = sumOf(found.others) + sumOf(found.silent);
    let room = Infinity;
    this.#roomAt = undefined;
    for (const per of periods) {
      const cap = this.#amounts[per];
      if (cap === undefined) continue;
      const left = cap - takenWithin(taken, per, steady) - held;
      room = Math.min(room, left);
      if (left - this.#reserved >= this.#dearest) continue;
      const oldest = taken.find(({ at }) => leavesAt(at, per) > steady);
      const waitMs = oldest === undefined ? 0 : leavesAt(oldest.at, per) - steady;
      this.#roomAt = Math.max(this.#roomAt ?? 0, time + waitMs) as Instant;
    }
    return Math.floor(room);
  }

  /** What is under way, and in advance a fair part of what is left; the last calls of a cap go to whoever comes first. */
  #amount(room: number, { others }: Found, demand: number, isLast: boolean): number {
    const free = Math.max(0, room - this.#reserved);
    if (isLast || free === 0) return this.#reserved;
    const rivals = others.filter((other) => other.demand > 0).length;
    const fair = Math.max(Math.floor(free / (rivals + 1)), Math.min(this.#dearest, free));
    const ahead = Math.max(
      (demand * aheadMs) / secondMs,
      2 * this.#dearest,
      this.#smallest * idlePart,
    );
    return this.#reserved + Math.min(fair, Math.ceil(ahead));
  }

  #canStay(own: Slice | undefined, amount: number, { beganAt }: Round): boolean {
    const isYoung = this.#until - beganAt > (this.leaseMs * 2) / 3;
    return this.#isKnown && isYoung && own?.amount === amount && this.#granted === amount;
  }
}

function isSame(a: Slice, b: Slice): boolean {
  return a.amount === b.amount && a.until === b.until && a.demand === b.demand;
}

function sumOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, { amount }) => sum + amount, 0);
}
