import { minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { MetricSeries } from '../evaluation/metric-series.ts';
import { activeProfile, nextSwitch } from '../setting/active-profile.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import type { TimeZones } from '../setting/time-zone.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import { metricKey } from '../setting/metric-keys.ts';
import { ProfileWindows } from './profile-windows.ts';
import { readPatienceMs } from '../decision/guards.ts';
import { ScaledTarget } from './scaled-target.ts';
import type { TargetSnapshot } from './snapshot.ts';

/** A setting is evaluated at most so often. */
export const evaluationSpacingMs = secondMs;

/** And at least so often, each at a phase of its own. */
export const evaluationPeriodMs = minuteMs;

/** An autoscale setting: the target that it decides on, the metrics that it reads and the profile in force. */
export class TargetEntry extends ScaledTarget {
  readonly kind = 'target';
  version: SettingVersion;
  dirty = true;
  lastEvaluatedAt: Instant | undefined;
  dueAt: Instant | undefined;
  /** The metrics of the setting's rules. */
  watches: readonly Watch[] = [];
  #active: ActiveProfile | undefined;
  /** Until when `#active` holds; before everything while nobody asked. */
  #activeUntil = -Infinity as Instant;
  #windows: ProfileWindows | undefined;

  constructor(version: SettingVersion) {
    super(version.target);
    this.version = version;
  }

  /** Puts another version to work, with the metrics that it watches. */
  replace(version: SettingVersion, watches: readonly Watch[]): void {
    this.version = version;
    this.watches = watches;
    this.#activeUntil = -Infinity as Instant;
    this.#windows = undefined;
  }

  /** `activeProfile` of the setting, asked again only when another one may apply. Log time never goes back. */
  activeAt(now: Instant, zones: TimeZones): ActiveProfile | undefined {
    const { content } = this.version;
    if (now >= this.#activeUntil && content.kind === 'setting') {
      this.#active = activeProfile(content.setting, now, zones);
      const until = this.#active?.until ?? nextSwitch(content.setting, now, zones);
      this.#activeUntil = until ?? (Infinity as Instant);
    }
    return this.#active;
  }

  /** When the next profile begins, where none applies; to be asked after `activeAt`. */
  get switchAt(): Instant | undefined {
    return this.#active === undefined && this.#activeUntil < Infinity
      ? this.#activeUntil
      : undefined;
  }

  /** The windows of the profile's rules. */
  windowsOf(profile: number): ProfileWindows {
    if (this.#windows?.profile !== profile) {
      this.#windows = new ProfileWindows(this.version.content, profile, this.watches);
    }
    return this.#windows;
  }

  /** When to look again although nothing came: what the judgement waits for, or the next period of its own phase. */
  nextDueAt(judgement: Judgement, now: Instant): Instant {
    // The last phase within a period from now: whoever is evaluated often enough by its data never comes to it.
    const stepMs = evaluationPeriodMs / 2;
    const phase = this.phase % stepMs;
    const period = now - ((now - phase) % stepMs) + evaluationPeriodMs;
    let dueAt = Math.min(period, judgement.dueAt ?? period);
    if (judgement.wantsCapacity && this.readAskedAt !== undefined) {
      dueAt = Math.min(dueAt, this.readAskedAt + readPatienceMs);
    }
    return Math.max(now + evaluationSpacingMs, dueAt) as Instant;
  }

  snapshot(): TargetSnapshot {
    const { target, version, dirty, lastEvaluatedAt, dueAt } = this;
    return {
      target,
      version,
      dirty,
      asked: this.watches.map((watch) => [keyOf(watch), watch.since] as const),
      ...this.progress(),
      ...(lastEvaluatedAt === undefined ? {} : { lastEvaluatedAt }),
      ...(dueAt === undefined ? {} : { dueAt }),
    };
  }

  /** Without its watches: `replace` brings them. */
  static of(snapshot: TargetSnapshot): TargetEntry {
    const entry = new TargetEntry(snapshot.version);
    entry.resume(snapshot);
    entry.dirty = snapshot.dirty;
    entry.lastEvaluatedAt = snapshot.lastEvaluatedAt;
    entry.dueAt = snapshot.dueAt;
    return entry;
  }
}

/** A metric that the setting's rules read. */
export interface Watch {
  readonly series: MetricSeries;
  /** Log time at which it was first asked for; kept across versions of the setting. */
  readonly since: Instant;
}

export function keyOf({ series: { resource, metric } }: Watch): string {
  return metricKey(resource, metric);
}
