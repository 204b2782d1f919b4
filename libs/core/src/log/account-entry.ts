import { secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { spread } from '../lang/hash.ts';
import type { TargetId } from '../lang/target.ts';
import type { SpendFacts } from '../decision/limit-facts.ts';
import { inForce } from '../decision/guards.ts';
import type { Sample } from '../metric/sample.ts';
import { blockedByValues, limitDimensions, limitMetrics } from '../setting/limit-metrics.ts';
import type { BlockedBy } from '../setting/limit-metrics.ts';
import type { RateLimitContent, SettingVersion } from '../setting/autoscale-setting.ts';
import type { SpendCap } from '../setting/rate-limit-policy.ts';
import { CallerHistory } from '../ratelimit/caller-history.ts';
import { baseTps, ruleIneligibility } from '../ratelimit/limit-bounds.ts';
import type { LimitInput } from '../ratelimit/limit-input.ts';
import { SeenTotals } from '../ratelimit/seen-totals.ts';
import { CallCosts, spendFacts } from '../ratelimit/spending.ts';
import type { PricedLimit } from '../ratelimit/spending.ts';
import type { AllowedLimits, BackendGroup, GroupMember } from './backend-group.ts';
import { isGone } from '../setting/group.ts';
import type { LeavingLimit } from './leaving-limit.ts';
import { LimitTarget } from './limit-target.ts';
import type { AccountSnapshot } from './snapshot.ts';
import { keyOf } from './setting-at-work.ts';
import type { Watch } from './setting-at-work.ts';

/** An account whose limits follow demand: its limits, and what was seen of its calls. */
export class AccountEntry implements GroupMember {
  readonly kind = 'account';
  readonly target: TargetId;
  readonly phase: number;
  version: SettingVersion;
  dirty = true;
  lastEvaluatedAt: Instant | undefined;
  dueAt: Instant | undefined;
  watches: readonly Watch[] = [];
  group: BackendGroup;
  /** By the rule's key in lower case. */
  readonly limits = new Map<string, LimitTarget>();
  readonly #seen: SeenTotals;
  readonly #costs: CallCosts;
  readonly #callers: CallerHistory;

  constructor(version: SettingVersion, group: BackendGroup, snapshot?: AccountSnapshot) {
    this.target = version.target;
    this.phase = spread(version.target);
    this.version = version;
    this.group = group;
    this.#seen = new SeenTotals(snapshot?.seen);
    this.#costs = new CallCosts(snapshot);
    this.#callers = new CallerHistory(snapshot?.callers);
    if (snapshot === undefined) return;
    for (const one of snapshot.limits) {
      const limit = LimitTarget.of(this.target, one);
      this.limits.set(limit.key, limit);
    }
    this.dirty = snapshot.dirty;
    this.lastEvaluatedAt = snapshot.lastEvaluatedAt;
    this.dueAt = snapshot.dueAt;
  }

  /** What is in force; `undefined` where it was deleted or cannot be read. */
  get content(): RateLimitContent | undefined {
    return this.version.content.kind === 'rateLimit' ? this.version.content : undefined;
  }

  /** Puts another version to work. Answers the limits that it has no longer. */
  replace(
    version: SettingVersion,
    watches: readonly Watch[],
    now: Instant,
  ): readonly LeavingLimit[] {
    const { content } = this;
    this.version = version;
    this.watches = watches;
    if (version.content.kind === 'unreadable') return [];
    if (isGone(version)) this.#forget();
    const { account } = this.content ?? {};
    const rules = new Map(account?.rules.map((rule) => [rule.key.toLowerCase(), rule]));
    const gone = [...this.limits.values()].filter(({ key }) => !rules.has(key));
    for (const { key } of gone) this.limits.delete(key);
    for (const [key, rule] of rules) {
      const known = this.limits.get(key);
      if (known === undefined) this.limits.set(key, new LimitTarget(this.target, rule, now));
      else known.rule = rule;
    }
    const isSwitchedOn =
      content?.account.dynamicThrottlingEnabled !== true &&
      account?.dynamicThrottlingEnabled === true;
    if (isSwitchedOn) for (const limit of this.limits.values()) limit.watch(now);
    // One that moved is another fold's.
    if (content === undefined || version.content.kind === 'moved') return [];
    return gone.map((limit) => ({ limit, policy: content.policy }));
  }

  /** What nobody looks at any more; what was spent counts for its group. */
  #forget(): void {
    this.#seen.clear();
    this.#callers.clear();
  }

  /** Looks at a sample that came for one of its metrics. */
  take(sample: Sample, now: Instant): void {
    const { content } = this;
    if (content === undefined) return;
    const dimension = (name: string) => dimensionOf(sample, name);
    const limit = this.limits.get(dimension(limitDimensions.key)?.toLowerCase() ?? '');
    const added = this.#seen.added(sample, now);
    if (added <= 0) return;
    switch (sample.series.metric) {
      case names.totalCalls:
        limit?.sawCalls(sample.time, (added * secondMs) / sample.grainMs);
        break;
      case names.blockedCalls:
        this.#blocked(limit, blockedBy(dimension(limitDimensions.blockedBy)), added, now);
        break;
      case names.successfulCalls:
        this.#costs.sawCalls(sample.time, added);
        if (sample.grainMs <= trafficGrainMaxMs) this.#traffic({ served: added }, now);
        break;
      case names.latency:
        this.#traffic({ latencyMs: added, timed: sample.count }, now);
        break;
      case names.spend:
        this.#costs.sawSpend(sample.time, added);
        break;
      case names.callerCalls:
        this.#callers.add(dimension(limitDimensions.caller) ?? '', added, now, this.#factor(now));
        break;
    }
  }

  /** What a decision on the limit depends on. */
  input(content: RateLimitContent, limit: LimitTarget, now: Instant): LimitInput {
    const { account, policy, overrides } = content;
    const { areKnown, ...allowed } = this.group.allowed;
    const capacityTps = areKnown ? this.#capacityTps(content, limit, now) : undefined;
    const { askedAt } = limit.projection;
    const backend = {
      ...(capacityTps === undefined ? {} : { capacityTps }),
      ...(askedAt === undefined ? {} : { askedAt }),
      ...allowed,
    };
    const factor = policy.anomalyFactor;
    const anomaly = factor === undefined ? undefined : this.#callers.anomaly(factor, now);
    const facts = {
      key: limit.rule.key,
      ...limit.seen,
      backend,
      spend: this.#spendFacts(content, limit, now),
      ...(anomaly === undefined ? {} : { anomaly }),
    };
    return { account, policy, overrides, rule: limit.rule, state: limit.state, facts, now };
  }

  get allowed(): AllowedLimits {
    let [sumTps, raisedTps] = [0, 0];
    let areKnown = true;
    for (const limit of this.limits.values()) {
      const base = this.#baseOf(limit);
      if (base === undefined) continue;
      const allowed = limit.allowedTps(base);
      sumTps += allowed;
      raisedTps += allowed - Math.min(allowed, base);
      areKnown &&= limit.knownTps !== undefined;
    }
    return { sumTps, raisedTps, areKnown };
  }

  spent(per: SpendCap['per'], now: Instant): number {
    return this.#costs.spent(per, now);
  }

  fullUseMicros(now: Instant): number {
    let sum = 0;
    for (const limit of this.limits.values()) {
      const { tps, costMicros = 0 } = this.#priced(limit, now);
      sum += tps * costMicros;
    }
    return sum;
  }

  snapshot(now: Instant): AccountSnapshot {
    const { target, version, dirty, lastEvaluatedAt, dueAt, watches } = this;
    return {
      ...{ target, version, dirty, group: this.group.name },
      asked: watches.map((watch) => [keyOf(watch), watch.since] as const),
      ...(lastEvaluatedAt === undefined ? {} : { lastEvaluatedAt }),
      ...(dueAt === undefined ? {} : { dueAt }),
      limits: [...this.limits.values()].map((limit) => limit.snapshot()),
      seen: this.#seen.snapshot(now),
      ...this.#costs.snapshot(now),
      callers: this.#callers.snapshot(),
    };
  }

  /**
   * `undefined`: it is none that is raised. A version that cannot be read takes no limit out of force: then what is allowed
   * stays as it is.
   */
  #baseOf(limit: LimitTarget): number | undefined {
    const { content } = this;
    if (content === undefined) return limit.allowedTps(0);
    if (ruleIneligibility(content.account, limit.rule) !== undefined) return undefined;
    return baseTps(limit.rule, content.policy);
  }

  /** Of a caller above its history; none while a person confirms it. */
  #factor(now: Instant): number | undefined {
    const { content } = this;
    if (content === undefined || inForce({ ...content, now }, 'confirm') !== undefined)
      return undefined;
    return content.policy.anomalyFactor;
  }

  #blocked(
    limit: LimitTarget | undefined,
    by: BlockedBy | undefined,
    calls: number,
    now: Instant,
  ): void {
    if (by === 'Backend') this.#traffic({ refused: calls }, now);
    const isOn = this.content?.account.dynamicThrottlingEnabled === true;
    if (isOn && (by === 'Rate' || by === 'Tokens')) limit?.sawBlocked(calls, now);
  }

  #traffic(traffic: Parameters<BackendGroup['saw']>[0], now: Instant): void {
    const source = this.content?.policy.capacity;
    if (source?.kind === 'learned') this.group.saw(traffic, now, source.initialTps);
  }

  #capacityTps({ policy }: RateLimitContent, limit: LimitTarget, now: Instant) {
    const source = policy.capacity;
    switch (source.kind) {
      case 'static':
        return source.tps;
      case 'learned':
        return this.group.learnedTps(now, source.initialTps);
      case 'arm':
        return limit.projection.tps;
    }
  }

  #spendFacts({ policy }: RateLimitContent, limit: LimitTarget, now: Instant): SpendFacts {
    if (policy.spend === undefined) return {};
    const spenders = { account: this, group: this.group };
    return spendFacts(policy.spend, this.#priced(limit, now), spenders, now);
  }

  #priced(limit: LimitTarget, now: Instant): PricedLimit {
    const { content } = this;
    const base = content === undefined ? 0 : baseTps(limit.rule, content.policy);
    const prices = content?.policy.spend?.prices;
    const costMicros = prices === undefined ? 0 : this.#costs.costMicros(prices, limit.key, now);
    return { tps: limit.allowedTps(base), costMicros };
  }
}

/** Longer grains come in one heap, which says nothing of how many calls were served at once. */
const trafficGrainMaxMs = 10 * secondMs;

const names = Object.fromEntries(
  Object.entries(limitMetrics).map(([name, metric]) => [name, metric.toLowerCase()]),
) as Record<keyof typeof limitMetrics, string>;

/** Names of dimensions are the same in any case. */
export function dimensionOf({ series }: Sample, wanted: string): string | undefined {
  const name = wanted.toLowerCase();
  return series.dimensions.find(([known]) => known.toLowerCase() === name)?.[1];
}

/** Azure's own records do not say it: they are of what stands behind the gateway, rates, quotas and peaks alike. */
function blockedBy(text: string | undefined): BlockedBy | undefined {
  return blockedByValues.find((value) => value.toLowerCase() === text?.toLowerCase());
}
