import { secondMs } from '@headroom/core';
import type { Instant, Millis, SpendCap } from '@headroom/core';
import type { Slice } from '@headroom/ports';
import { Demand } from './demand.ts';
import { Largest } from './largest.ts';
import {
  budgetLeaseMs,
  budgetTurnMs,
  noShareRetryMs,
  renewalMs,
  retryAfterMaxMs,
} from './named-limits.ts';
import { havingTurn } from './share-out.ts';
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
  readonly #dearest = new Largest();
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

  /** Whether every cap has room for it when nothing is spent. */
  holds(micros: number): boolean {
    return micros <= this.#smallest;
  }

  /** Nothing is known of what others spend. */
  isAway(time: Instant): boolean {
    return time >= this.#until;
  }

  /** Of what it `holds`. */
  ask(micros: number): void {
    this.#demand.ask(micros);
    this.#dearest.saw(micros);
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
    const orphan = this.#isKnown ? 0 : (found.own?.amount ?? 0);
    const told = this.#spent;
    const gone = orphan + sumOf(found.dead);
    const { stampAt, steady } = round;
    const taken = takenWith(found.taken, told + gone, stampAt, this.#longest, steady);
    const demand = round.isLast ? 0 : this.#demand.measure(round.time, 0, this.#smallest);
    const dearest = Math.max(this.#listed, this.#dearest.at(round.time, budgetTurnMs));
    const room = this.#room(found, taken, round, dearest);
    const amount = round.isLast
      ? this.#reserved
      : this.#amount(room, found, round, demand, dearest);
    const until = untilOf(round, this.leaseMs);
    const least = this.#reserved + dearest;
    const slice: Slice = { holder: round.holder, amount, demand, least, until };
    if (told + gone === 0 && !round.isLast && this.#canStay(found.own, slice, round)) {
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
  #room(
    { others, silent }: Found,
    taken: Proposal['shares']['taken'],
    { steady, time }: Round,
    dearest: number,
  ): number {
    const held = sumOf(others);
    let room = Infinity;
    this.#roomAt = undefined;
    for (const per of periods) {
      const cap = this.#amounts[per];
      if (cap === undefined) continue;
      const left = cap - takenWithin(taken, per, steady) - sumOf(silent);
      room = Math.min(room, left - held);
      // Others give up what they do not use.
      if (left - this.#reserved >= dearest) continue;
      const oldest = taken.find(({ at }) => leavesAt(at, per) > steady);
      const waitMs = oldest === undefined ? 0 : leavesAt(oldest.at, per) - steady;
      this.#roomAt = Math.max(this.#roomAt ?? 0, time + waitMs) as Instant;
    }
    return Math.floor(room);
  }

  /**
   * What is under way, and in advance a fair part of what is left; the last calls of a cap go to whoever comes first. What
   * others lack for their dearest call is left to them, in turns where that is not enough for all.
   */
  #amount(room: number, { others }: Found, round: Round, demand: number, dearest: number): number {
    if (room <= this.#reserved) return this.#reserved;
    const least = this.#reserved + dearest;
    const rivals = others
      .filter((other) => other.demand > 0)
      .map((other) => ({ ...other, least: other.least ?? 0 }));
    const turn = Math.floor(round.now / budgetTurnMs);
    const claimants = [...rivals, { holder: round.holder, demand, least }];
    const having = havingTurn(room + sumOf(others), claimants, turn);
    if (demand > 0 && !having.has(round.holder)) return this.#reserved;
    const owed = rivals.reduce(
      (sum, one) => sum + Math.max(0, (having.get(one.holder) ?? 0) - one.amount),
      0,
    );
    const free = Math.max(0, Math.floor(room - this.#reserved - owed));
    const fair = Math.max(Math.floor(free / (rivals.length + 1)), Math.min(dearest, free));
    const ahead = Math.max((demand * aheadMs) / secondMs, 2 * dearest, this.#smallest * idlePart);
    return this.#reserved + Math.min(fair, Math.ceil(ahead));
  }

  #canStay(own: Slice | undefined, { amount, least }: Slice, { beganAt }: Round): boolean {
    const isYoung = this.#until - beganAt > (this.leaseMs * 2) / 3;
    if (own?.least !== least) return false;
    return this.#isKnown && isYoung && own?.amount === amount && this.#granted === amount;
  }
}

function isSame(a: Slice, b: Slice): boolean {
  return a.amount === b.amount && a.until === b.until && a.demand === b.demand;
}

function sumOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, { amount }) => sum + amount, 0);
}
