import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { CapacityObservation, Outcome } from '../outcome/outcome.ts';
import type { SeenOfLimit } from '../decision/limit-facts.ts';
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
  #knownTps: number | undefined;
  /** Calls a second of the newest seconds: each instance of the gateway tells its part. */
  readonly #arrived = new Map<Instant, number>();

  constructor(account: TargetId, rule: ThrottlingRule, now: Instant) {
    super(limitTarget(account, rule.key));
    this.rule = rule;
    this.#seen = nothingSeen(now);
  }

  get seen(): SeenOfLimit {
    return this.#seen;
  }

  /** What the backend serves, as ARM answered the last question. */
  get projection(): Projection {
    return this.#projection;
  }

  get key(): string {
    return this.rule.key.toLowerCase();
  }

  /** As it was last read; while it cannot be read for a moment it is still in force. */
  get knownTps(): number | undefined {
    const { capacity } = this.state;
    return capacity.kind === 'known' ? capacity.instances : this.#knownTps;
  }

  /** The limit in force, or the higher one that it is about to become. */
  allowedTps(base: number): number {
    return Math.max(this.knownTps ?? base, this.state.inFlight?.to ?? 0);
  }

  /** One of nothing does not say that nothing is in force. */
  override observed(observation: CapacityObservation, now: Instant): boolean {
    this.#knownTps = this.knownTps;
    return super.observed(observation, now);
  }

  override outcome(outcome: Outcome, now: Instant, logId: string): void {
    this.#knownTps = this.knownTps;
    super.outcome(outcome, now, logId);
  }

  /** The autoscale of the account was switched on: nothing that came before counts. */
  watch(now: Instant): void {
    this.#seen = nothingSeen(now);
  }

  sawCalls(time: Instant, tps: number): void {
    const sum = (this.#arrived.get(time) ?? 0) + tps;
    this.#arrived.set(time, sum);
    if (this.#arrived.size > arrivedMax)
      this.#arrived.delete(Math.min(...this.#arrived.keys()) as Instant);
    this.#seen = { ...this.#seen, demandTps: Math.max(this.#seen.demandTps, sum) };
  }

  sawBlocked(calls: number, now: Instant): void {
    const { blocked, blockedSince = now } = this.#seen;
    this.#seen = { ...this.#seen, blocked: blocked + calls, blockedSince, quietSince: now };
  }

  /** Whether it is the answer to the question for the projection. */
  projected(tps: number): boolean {
    const { askedAt, tps: known } = this.#projection;
    if (askedAt === undefined || known !== undefined) return false;
    this.#projection = { askedAt, tps };
    return true;
  }

  judged({ judgement, checked, answered, wantsProjection }: LimitJudgement, now: Instant): void {
    if (wantsProjection) this.#projection = { askedAt: now };
    if (!checked) return;
    const { blocked, blockedSince, quietSince, watchedSince } = this.#seen;
    const waits =
      answered || blockedSince === undefined
        ? { blocked: 0 }
        : { blocked, blockedSince, heldFor: judgement.reason };
    this.#seen = { ...waits, quietSince, watchedSince, demandTps: 0, checkedAt: now };
  }

  snapshot(): LimitSnapshot {
    const { askedAt, tps } = this.#projection;
    const { knownTps } = this;
    return {
      rule: this.rule,
      ...this.#seen,
      ...(askedAt === undefined ? {} : { projectionAskedAt: askedAt }),
      ...(tps === undefined ? {} : { projectedTps: tps }),
      arrived: [...this.#arrived],
      ...(knownTps === undefined ? {} : { knownTps }),
      ...this.progress(),
    };
  }

  static of(account: TargetId, snapshot: LimitSnapshot): LimitTarget {
    const limit = new LimitTarget(account, snapshot.rule, snapshot.watchedSince);
    limit.resume(snapshot);
    const { blocked, blockedSince, quietSince, demandTps, watchedSince, checkedAt } = snapshot;
    const { heldFor } = snapshot;
    const { projectionAskedAt: askedAt, projectedTps: tps } = snapshot;
    limit.#seen = {
      ...{ blocked, quietSince, demandTps, watchedSince },
      ...(blockedSince === undefined ? {} : { blockedSince }),
      ...(checkedAt === undefined ? {} : { checkedAt }),
      ...(heldFor === undefined ? {} : { heldFor }),
    };
    limit.#knownTps = snapshot.knownTps;
    for (const [time, calls] of snapshot.arrived) limit.#arrived.set(time, calls);
    limit.#projection = {
      ...(askedAt === undefined ? {} : { askedAt }),
      ...(tps === undefined ? {} : { tps }),
    };
    return limit;
  }
}

/** A second that is older than so many others is told by nobody any more. */
const arrivedMax = 16;

interface Projection {
  readonly askedAt?: Instant;
  /** Calls a second; absent until ARM has answered. */
  readonly tps?: number;
}

function nothingSeen(now: Instant): SeenOfLimit {
  return { blocked: 0, quietSince: now, demandTps: 0, watchedSince: now };
}
