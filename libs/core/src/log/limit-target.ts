import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { SeenOfLimit } from '../decision/limit-facts.ts';
import type { CapacityObservation } from '../outcome/outcome.ts';
import { limitTarget } from '../setting/ai-account.ts';
import type { ThrottlingRule } from '../setting/ai-account.ts';
import type { LimitJudgement } from '../ratelimit/decide-limit.ts';
import { ScaledTarget } from './scaled-target.ts';
import type { LimitSnapshot } from './snapshot.ts';

/** One limit of an account, and what was seen of it since its last check. */
export class LimitTarget extends ScaledTarget {
  rule: ThrottlingRule;
  #seen: SeenOfLimit;
  #projection: Projection = {};

  constructor(account: TargetId, rule: ThrottlingRule, now: Instant) {
    super(limitTarget(account, rule.key));
    this.rule = rule;
    this.#seen = nothingSeen(now);
  }

  get seen(): SeenOfLimit {
    return this.#seen;
  }

  /** Room beyond the limits in force, as ARM answered the last question. */
  get projection(): Projection {
    return this.#projection;
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
    this.#seen = nothingSeen(now);
  }

  sawCalls(tps: number): void {
    this.#seen = { ...this.#seen, demandTps: Math.max(this.#seen.demandTps, tps) };
  }

  sawBlocked(calls: number, now: Instant): void {
    const { blocked, blockedSince = now } = this.#seen;
    this.#seen = { ...this.#seen, blocked: blocked + calls, blockedSince, quietSince: now };
  }

  /** With what was found out beside the limit in force, where that was asked. */
  override observed(observation: CapacityObservation, now: Instant): boolean {
    const { askedAt, tps } = this.#projection;
    const { availableTps } = observation;
    const isAnswer = askedAt !== undefined && tps === undefined && availableTps !== undefined;
    if (isAnswer) this.#projection = { askedAt, tps: availableTps };
    return super.observed(observation, now) || isAnswer;
  }

  judged({ checked, answered, wantsProjection }: LimitJudgement, now: Instant): void {
    if (wantsProjection) this.#projection = { askedAt: now };
    if (!checked) return;
    const { blocked, blockedSince, ...kept } = this.#seen;
    const waits =
      answered || blockedSince === undefined ? { blocked: 0 } : { blocked, blockedSince };
    this.#seen = { ...kept, ...waits, demandTps: 0, checkedAt: now };
  }

  snapshot(): LimitSnapshot {
    const { askedAt, tps } = this.#projection;
    return {
      rule: this.rule,
      ...this.#seen,
      ...(askedAt === undefined ? {} : { projectionAskedAt: askedAt }),
      ...(tps === undefined ? {} : { projectedTps: tps }),
      ...this.progress(),
    };
  }

  static of(account: TargetId, snapshot: LimitSnapshot): LimitTarget {
    const limit = new LimitTarget(account, snapshot.rule, snapshot.watchedSince);
    limit.resume(snapshot);
    const { blocked, blockedSince, quietSince, demandTps, watchedSince, checkedAt } = snapshot;
    const { projectionAskedAt: askedAt, projectedTps: tps } = snapshot;
    limit.#seen = {
      ...{ blocked, quietSince, demandTps, watchedSince },
      ...(blockedSince === undefined ? {} : { blockedSince }),
      ...(checkedAt === undefined ? {} : { checkedAt }),
    };
    limit.#projection = {
      ...(askedAt === undefined ? {} : { askedAt }),
      ...(tps === undefined ? {} : { tps }),
    };
    return limit;
  }
}

interface Projection {
  readonly askedAt?: Instant;
  /** Calls a second; absent until ARM has answered. */
  readonly tps?: number;
}

function nothingSeen(now: Instant): SeenOfLimit {
  return { blocked: 0, quietSince: now, demandTps: 0, watchedSince: now };
}
