import { latest } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { BackendFacts, LimitFacts, SpendFacts } from '../decision/limit-facts.ts';
import type { CapacityObservation } from '../outcome/outcome.ts';
import { limitTarget } from '../setting/ai-account.ts';
import type { ThrottlingRule } from '../setting/ai-account.ts';
import type { LimitJudgement } from '../ratelimit/decide-limit.ts';
import { ScaledTarget } from './scaled-target.ts';
import type { LimitSnapshot } from './snapshot.ts';

/** One limit of an account, and what was seen of it since its last check. */
export class LimitTarget extends ScaledTarget {
  rule: ThrottlingRule;
  #blocked = 0;
  #blockedSince: Instant | undefined;
  #quietSince: Instant;
  #demandTps = 0;
  #watchedSince: Instant;
  #checkedAt: Instant | undefined;
  #projectionAskedAt: Instant | undefined;
  #projectedTps: number | undefined;

  constructor(account: TargetId, rule: ThrottlingRule, now: Instant) {
    super(limitTarget(account, rule.key));
    this.rule = rule;
    this.#quietSince = now;
    this.#watchedSince = now;
  }

  get key(): string {
    return this.rule.key.toLowerCase();
  }

  /** The limit in force, or the higher one that it is about to become. */
  allowedTps(base: number): number {
    const { capacity, inFlight } = this.state;
    const inForce = capacity.kind === 'known' ? capacity.instances : base;
    return Math.max(inForce, inFlight?.to ?? 0);
  }

  /** The autoscale of the account was switched on: nothing that came before counts. */
  watch(now: Instant): void {
    this.#watchedSince = now;
    this.#quietSince = now;
    this.#blocked = 0;
    this.#blockedSince = undefined;
    this.#demandTps = 0;
    this.#checkedAt = undefined;
  }

  sawCalls(tps: number): void {
    this.#demandTps = Math.max(this.#demandTps, tps);
  }

  sawBlocked(calls: number, now: Instant): void {
    this.#blocked += calls;
    this.#blockedSince ??= now;
    this.#quietSince = latest(this.#quietSince, now);
  }

  /** With what was found out beside the limit in force, where that was asked. */
  override observed(observation: CapacityObservation, now: Instant): boolean {
    const asked = this.#projectionAskedAt !== undefined && this.#projectedTps === undefined;
    if (asked && observation.availableTps !== undefined)
      this.#projectedTps = observation.availableTps;
    return super.observed(observation, now) || (asked && this.#projectedTps !== undefined);
  }

  /** Room beyond the limits in force, as ARM answered the last question. */
  get projection(): { readonly askedAt?: Instant; readonly tps?: number } {
    return {
      ...(this.#projectionAskedAt === undefined ? {} : { askedAt: this.#projectionAskedAt }),
      ...(this.#projectedTps === undefined ? {} : { tps: this.#projectedTps }),
    };
  }

  facts(beside: { readonly backend: BackendFacts; readonly spend: SpendFacts }): LimitFacts {
    return {
      key: this.rule.key,
      blocked: this.#blocked,
      ...(this.#blockedSince === undefined ? {} : { blockedSince: this.#blockedSince }),
      quietSince: this.#quietSince,
      demandTps: this.#demandTps,
      watchedSince: this.#watchedSince,
      ...(this.#checkedAt === undefined ? {} : { checkedAt: this.#checkedAt }),
      ...beside,
    };
  }

  judged({ checked, answered, wantsProjection }: LimitJudgement, now: Instant): void {
    if (wantsProjection) {
      this.#projectionAskedAt = now;
      this.#projectedTps = undefined;
    }
    if (!checked) return;
    this.#checkedAt = now;
    this.#demandTps = 0;
    if (!answered) return;
    this.#blocked = 0;
    this.#blockedSince = undefined;
  }

  snapshot(): LimitSnapshot {
    const { askedAt, tps } = this.projection;
    return {
      key: this.key,
      blocked: this.#blocked,
      ...(this.#blockedSince === undefined ? {} : { blockedSince: this.#blockedSince }),
      quietSince: this.#quietSince,
      demandTps: this.#demandTps,
      watchedSince: this.#watchedSince,
      ...(this.#checkedAt === undefined ? {} : { checkedAt: this.#checkedAt }),
      ...(askedAt === undefined ? {} : { projectionAskedAt: askedAt }),
      ...(tps === undefined ? {} : { projectedTps: tps }),
      ...this.progress(),
    };
  }

  restore(snapshot: LimitSnapshot): void {
    this.resume(snapshot);
    this.#blocked = snapshot.blocked;
    this.#blockedSince = snapshot.blockedSince;
    this.#quietSince = snapshot.quietSince;
    this.#demandTps = snapshot.demandTps;
    this.#watchedSince = snapshot.watchedSince;
    this.#checkedAt = snapshot.checkedAt;
    this.#projectionAskedAt = snapshot.projectionAskedAt;
    this.#projectedTps = snapshot.projectedTps;
  }
}
