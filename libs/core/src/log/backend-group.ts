import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import { advanced, newLearnedCapacity, withTraffic } from '../ratelimit/learned-capacity.ts';
import type { LearnedCapacity, Traffic } from '../ratelimit/learned-capacity.ts';
import type { Spender } from '../ratelimit/spending.ts';
import type { SpendCap } from '../setting/rate-limit-policy.ts';
import type { GroupSnapshot } from './snapshot.ts';

/** What the group has to know of an account. */
export interface GroupMember extends Spender {
  readonly target: TargetId;
  readonly allowed: AllowedLimits;
}

/** Limits that may be raised. */
export interface AllowedLimits {
  /** Calls a second, and how much of them is above their bases. */
  readonly sumTps: number;
  readonly raisedTps: number;
  /** Whether each was read at least once: what nobody knows may be anything. */
  readonly areKnown: boolean;
}

/** Accounts that share a backend or a cap. */
export class BackendGroup implements Spender {
  readonly name: string;
  readonly members = new Set<GroupMember>();
  #learned: LearnedCapacity | undefined;

  constructor(name: string, snapshot?: GroupSnapshot) {
    this.name = name;
    this.#learned = snapshot?.learned;
  }

  saw(traffic: Partial<Traffic>, now: Instant, initialTps: number): void {
    this.#learned = withTraffic(this.#upTo(now, initialTps), traffic);
  }

  learnedTps(now: Instant, initialTps: number): number {
    this.#learned = this.#upTo(now, initialTps);
    return this.#learned.tps;
  }

  get allowed(): AllowedLimits {
    let [sumTps, raisedTps] = [0, 0];
    let areKnown = true;
    for (const { allowed } of this.#inOrder()) {
      sumTps += allowed.sumTps;
      raisedTps += allowed.raisedTps;
      areKnown &&= allowed.areKnown;
    }
    return { sumTps, raisedTps, areKnown };
  }

  spent(per: SpendCap['per'], now: Instant): number {
    let sum = 0;
    for (const member of this.#inOrder()) sum += member.spent(per, now);
    return sum;
  }

  fullUseMicros(now: Instant): number {
    let sum = 0;
    for (const member of this.#inOrder()) sum += member.fullUseMicros(now);
    return sum;
  }

  /** Sums of fractions depend on their order, and who joined first is forgotten by a restart. */
  #inOrder(): readonly GroupMember[] {
    return [...this.members].sort((a, b) => (a.target < b.target ? -1 : 1));
  }

  snapshot(): GroupSnapshot | undefined {
    return this.#learned === undefined ? undefined : { name: this.name, learned: this.#learned };
  }

  #upTo(now: Instant, initialTps: number): LearnedCapacity {
    return advanced(this.#learned ?? newLearnedCapacity(initialTps, now), now, initialTps);
  }
}
