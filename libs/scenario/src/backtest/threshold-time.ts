import {
  activeProfile,
  directionOf,
  dividesPerInstance,
  holds,
  ingestPath,
  instant,
  metricKey,
  MetricSeries,
  RuleWindow,
  TimeZones,
} from '@headroom/core';
import type { AutoscaleSetting, IngestPath, Instant, Millis, Rule, Sample } from '@headroom/core';

/** Nobody waits for these windows to fill. */
const longAgo = instant(0);

/**
 * How long a setting's thresholds were crossed, by its own windows and the profile in force, whatever held it back: of
 * several candidates the same setting's, so that the times can be compared.
 */
export class ThresholdTime {
  overMs: Millis = 0;
  underMs: Millis = 0;
  readonly #series = new Map<string, MetricSeries>();
  readonly #profiles: readonly (readonly RuleWindow[])[];
  readonly #inForce: ProfileInForce;
  readonly #path: IngestPath;
  #since: Instant;
  #isOver = false;
  #isUnder = false;

  constructor(setting: AutoscaleSetting, path: string, from: Instant) {
    this.#path = ingestPath(path);
    this.#since = from;
    this.#inForce = new ProfileInForce(setting);
    this.#profiles = setting.profiles.map(({ rules }) => rules.map((rule) => this.#window(rule)));
  }

  take(sample: Sample, now: Instant): void {
    const { resource, metric } = sample.series;
    this.#series.get(metricKey(resource, metric))?.put(sample, this.#path, now);
  }

  /** What was crossed counts until now; what is crossed from now on counts next. */
  look(now: Instant, instances: number): void {
    const ms = now - this.#since;
    this.#since = now;
    if (this.#isOver) this.overMs += ms;
    if (this.#isUnder) this.underMs += ms;
    const active = this.#inForce.at(now);
    const windows = this.#profiles[active?.index ?? -1] ?? [];
    let [isOver, inRules, under] = [false, 0, 0];
    for (const [index, rule] of (active?.profile.rules ?? []).entries()) {
      const isOut = directionOf(rule, instances) === 'out';
      if (!isOut) inRules++;
      if (!isCrossed(rule, windows[index], now, instances)) continue;
      if (isOut) isOver = true;
      else under++;
    }
    this.#isOver = isOver;
    this.#isUnder = inRules > 0 && under === inRules;
  }

  #window({ trigger }: Rule): RuleWindow {
    const { resource, metricName, timeWindowMs } = trigger;
    const key = metricKey(resource, metricName);
    const series = this.#series.get(key) ?? new MetricSeries(resource, metricName.toLowerCase());
    this.#series.set(key, series);
    series.retentionMs = Math.max(series.retentionMs, timeWindowMs);
    return new RuleWindow(trigger, series, longAgo);
  }
}

/** `activeProfile`, asked again only when another one may apply. */
export class ProfileInForce {
  readonly #setting: AutoscaleSetting;
  readonly #zones = new TimeZones();
  #active: ReturnType<typeof activeProfile>;
  #until = -Infinity;

  constructor(setting: AutoscaleSetting) {
    this.#setting = setting;
  }

  at(now: Instant): ReturnType<typeof activeProfile> {
    if (now < this.#until) return this.#active;
    this.#active = activeProfile(this.#setting, now, this.#zones);
    // Where none applies it is asked each time: rare, and short.
    this.#until = this.#active === undefined ? now : (this.#active.until ?? Infinity);
    return this.#active;
  }
}

function isCrossed(
  { trigger }: Rule,
  window: RuleWindow | undefined,
  now: Instant,
  instances: number,
): boolean {
  const reading = window?.read(now, 0);
  if (reading?.kind !== 'value') return false;
  const divided = dividesPerInstance(trigger);
  if (divided && instances <= 0) return false;
  const value = divided ? reading.value / instances : reading.value;
  return holds(trigger.operator, value, trigger.threshold);
}
