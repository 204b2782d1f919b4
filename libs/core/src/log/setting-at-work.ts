import type { Instant } from '../lang/instant.ts';
import type { MetricSeries } from '../evaluation/metric-series.ts';
import { activeProfile, nextSwitch } from '../setting/active-profile.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import type { SettingContent } from '../setting/autoscale-setting.ts';
import { metricKey } from '../setting/metric-keys.ts';
import type { TimeZones } from '../setting/time-zone.ts';
import { ProfileWindows } from './profile-windows.ts';

/** The content of an autoscale setting while it decides: the metrics that it reads and the profile in force. */
export class SettingAtWork {
  content: SettingContent;
  /** The metrics of the setting's rules. */
  watches: readonly Watch[] = [];
  #active: ActiveProfile | undefined;
  /** Until when `#active` holds; before everything while nobody asked. */
  #activeUntil = -Infinity as Instant;
  #windows: ProfileWindows | undefined;

  constructor(content: SettingContent) {
    this.content = content;
  }

  /** Puts another content to work, with the metrics that it watches. */
  replace(content: SettingContent, watches: readonly Watch[]): void {
    this.content = content;
    this.watches = watches;
    this.#activeUntil = -Infinity as Instant;
    this.#windows = undefined;
  }

  /** `activeProfile` of the setting, asked again only when another one may apply. Log time never goes back. */
  activeAt(now: Instant, zones: TimeZones): ActiveProfile | undefined {
    const { content } = this;
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
      this.#windows = new ProfileWindows(this.content, profile, this.watches);
    }
    return this.#windows;
  }

  /** Since when each of its metrics is asked for, as a snapshot keeps it. */
  asked(): readonly (readonly [metricKey: string, since: Instant])[] {
    return this.watches.map((watch) => [keyOf(watch), watch.since] as const);
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
