import type { Instant } from '../lang/instant.ts';
import { spread } from '../lang/hash.ts';
import { targetId } from '../lang/target.ts';
import type { TargetId } from '../lang/target.ts';
import type { PoolState, QuotaFacts } from '../decision/quota-facts.ts';
import { sampleEnd } from '../metric/sample.ts';
import type { Sample } from '../metric/sample.ts';
import { DeploymentUse } from '../ratelimit/quota/deployment-use.ts';
import { ended, observed, started, underPool } from '../ratelimit/quota/pool-events.ts';
import { SeenTotals } from '../ratelimit/seen-totals.ts';
import type { CapacityObservation, Outcome, Started } from '../outcome/outcome.ts';
import type { QuotaPoolContent, SettingVersion } from '../setting/autoscale-setting.ts';
import { limitDimensions, limitMetrics } from '../setting/limit-metrics.ts';
import { dimensionOf } from './account-entry.ts';
import { ScaledTarget } from './scaled-target.ts';
import type { PoolSnapshot } from './snapshot.ts';
import { keyOf } from './setting-at-work.ts';
import type { Watch } from './setting-at-work.ts';

/** A quota pool: its deployments, what is known of them, and the move that is on its way. */
export class PoolEntry {
  readonly kind = 'pool';
  readonly target: TargetId;
  readonly phase: number;
  version: SettingVersion;
  dirty = true;
  lastEvaluatedAt: Instant | undefined;
  dueAt: Instant | undefined;
  watches: readonly Watch[] = [];
  state: PoolState;
  /** What was said of the pool last. */
  readonly told: ScaledTarget;
  readonly #use: DeploymentUse;
  readonly #seen: SeenTotals;

  constructor(version: SettingVersion, snapshot?: PoolSnapshot) {
    this.target = version.target;
    this.phase = spread(version.target);
    this.version = version;
    this.told = new ScaledTarget(version.target);
    this.#use = new DeploymentUse(snapshot?.use);
    this.#seen = new SeenTotals(snapshot?.seen);
    this.state = snapshot?.state ?? { members: [] };
    if (snapshot === undefined) return;
    this.told.resume(snapshot.told);
    this.dirty = snapshot.dirty;
    this.lastEvaluatedAt = snapshot.lastEvaluatedAt;
    this.dueAt = snapshot.dueAt;
  }

  /** What is in force; `undefined` where it was deleted or cannot be read. */
  get content(): QuotaPoolContent | undefined {
    return this.version.content.kind === 'quotaPool' ? this.version.content : undefined;
  }

  /** What it makes commands for, and the pool itself, of which it asks what is free. */
  get targets(): readonly TargetId[] {
    return [this.target, ...this.state.members.map(({ target }) => target)];
  }

  /** Puts another version to work. A deployment that goes takes what is known of it along. */
  replace(version: SettingVersion, watches: readonly Watch[]): void {
    this.version = version;
    this.watches = watches;
    if (version.content.kind === 'unreadable') return;
    const { pool } = this.content ?? {};
    this.state = pool === undefined ? { members: [] } : underPool(this.state, pool);
  }

  /** Looks at a sample that came for one of its accounts. */
  take(sample: Sample, now: Instant): void {
    const { resource, metric } = sample.series;
    const end = sampleEnd(sample);
    this.#use.heard(resource, end, now);
    const name = dimensionOf(sample, limitDimensions.deployment);
    if (name === undefined) return;
    const target = targetId(`${resource}/deployments/${name}`);
    if (!this.state.members.some((member) => member.target === target)) return;
    const added = this.#seen.added(sample, now);
    if (added <= 0) return;
    if (metric === limitMetrics.tokens.toLowerCase())
      this.#use.saw(target, end, { tokens: added }, now);
    else if (dimensionOf(sample, limitDimensions.statusCode) === throttledStatus)
      this.#use.saw(target, end, { throttled: added }, now);
    else this.#use.saw(target, end, { served: added }, now);
  }

  started(event: Started): void {
    this.state = started(this.state, event);
  }

  outcome(outcome: Outcome, now: Instant): void {
    this.state = ended(this.state, outcome, now);
  }

  observed(observation: CapacityObservation, now: Instant): boolean {
    const { content } = this;
    if (content === undefined) return false;
    const before = this.state;
    this.state = observed(before, content.pool, observation, now);
    return this.state !== before;
  }

  /** What a decision on the pool depends on. */
  facts(now: Instant): QuotaFacts {
    const { members } = this.state;
    const use = members.flatMap(({ target, changedAt }) => {
      const seen = this.#use.of(target, changedAt, now);
      return seen === undefined ? [] : { target, ...seen };
    });
    return { state: this.state, use };
  }

  snapshot(now: Instant): PoolSnapshot {
    const { target, version, dirty, lastEvaluatedAt, dueAt, watches, state } = this;
    return {
      ...{ target, version, dirty, state },
      asked: watches.map((watch) => [keyOf(watch), watch.since] as const),
      ...(lastEvaluatedAt === undefined ? {} : { lastEvaluatedAt }),
      ...(dueAt === undefined ? {} : { dueAt }),
      told: this.told.progress(),
      use: this.#use.snapshot(),
      seen: this.#seen.snapshot(now),
    };
  }
}

const throttledStatus = '429';
