import { assert } from '../lang/assert.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { RuleWindow } from '../evaluation/rule-window.ts';
import type { MetricSeries } from '../evaluation/metric-series.ts';
import type { Reading } from '../evaluation/reading.ts';
import type { SettingContent } from '../setting/autoscale-setting.ts';

interface WatchedMetric {
  readonly series: MetricSeries;
  readonly since: Instant;
}

/** The windows of one profile's rules, found once: a reading looks nothing up. */
export class ProfileWindows {
  readonly profile: number;
  readonly #windows: readonly RuleWindow[];

  constructor(content: SettingContent, profile: number, watches: readonly WatchedMetric[]) {
    this.profile = profile;
    const rules = content.kind === 'setting' ? content.setting.profiles[profile]?.rules : undefined;
    this.#windows = (rules ?? []).map(({ trigger }) => {
      const metric = trigger.metricName.toLowerCase();
      const watch = watches.find(
        ({ series }) => series.metric === metric && series.resource === trigger.resource,
      );
      assert(watch !== undefined, 'every metric of a setting is watched');
      return new RuleWindow(trigger, watch.series, watch.since);
    });
  }

  read(rule: number, now: Instant, lastGoodMs: Millis): Reading {
    const window = this.#windows[rule];
    assert(window !== undefined, 'a rule of the active profile');
    return window.read(now, lastGoodMs);
  }
}
