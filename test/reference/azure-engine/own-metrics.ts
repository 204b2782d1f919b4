import { minuteMs } from '../durations.ts';
import type { ArmProfile, ArmRule } from './arm-setting.ts';
import type { MetricDatabase, Series } from './metric-database.ts';

/** The thresholds change with the profile only; Azure writes them with each run, here once in so many minutes. */
const thresholdEveryMinutes = 60;

/** What the engine says of itself: the metrics of the resource type `Microsoft.Insights/autoscaleSettings`. */
export class OwnMetrics {
  readonly #database: MetricDatabase;
  readonly #setting: string;
  readonly #series = new Map<string, Series>();
  #thresholdsFrom = -Infinity;
  #profile: ArmProfile | undefined;

  constructor(database: MetricDatabase, setting: string) {
    this.#database = database;
    this.#setting = setting;
  }

  capacity(now: number, instances: number): void {
    this.#add(now, 'ObservedCapacity', instances, {});
  }

  observed(now: number, { metricTrigger }: ArmRule, value: number): void {
    const dimensions = { MetricTriggerSource: metricTrigger.metricResourceUri };
    this.#add(now, 'ObservedMetricValue', value, dimensions);
  }

  action(now: number, direction: 'Increase' | 'Decrease', source: string): void {
    const dimensions = { MetricTriggerSource: source, ScaleDirection: direction };
    this.#add(now, 'ScaleActionsInitiated', 1, dimensions);
  }

  thresholds(now: number, profile: ArmProfile): void {
    const isSame = profile === this.#profile;
    if (isSame && now < this.#thresholdsFrom + thresholdEveryMinutes * minuteMs) return;
    this.#profile = profile;
    this.#thresholdsFrom = now;
    for (const { metricTrigger } of profile.rules) {
      const { metricName, operator, threshold, timeWindow } = metricTrigger;
      const MetricTriggerRule = `${metricName},${operator},${threshold},${timeWindow}`;
      this.#add(now, 'MetricThreshold', threshold, { MetricTriggerRule });
    }
  }

  #add(now: number, metric: string, value: number, dimensions: Record<string, string>): void {
    const minute = Math.floor((now - this.#database.begin) / minuteMs);
    if (minute < 0 || minute >= this.#database.minutes) return;
    const key = `${metric}${Object.values(dimensions).join()}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      const namespace = 'Microsoft.Insights/autoscaleSettings';
      series = this.#database.series({ resource: this.#setting, namespace, metric, dimensions });
      this.#series.set(key, series);
    }
    series.add(minute, { count: 1, total: value, minimum: value, maximum: value });
  }
}
