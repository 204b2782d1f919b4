import { instant, MetricSeries, RuleWindow, sampleEnd } from '@headroom/core';
import type { Instant, MetricTrigger, Sample } from '@headroom/core';

/** What a rule's window says at each of its frontiers, over a whole history. */
export class WindowValues {
  readonly #frontiers: readonly Instant[];
  readonly #values: readonly number[];

  /** `samples`: by the ends of their grains; others' are passed over. */
  constructor(trigger: MetricTrigger, samples: readonly Sample[]) {
    const metric = trigger.metricName.toLowerCase();
    const series = new MetricSeries(trigger.resource, metric);
    series.retentionMs = trigger.timeWindowMs;
    const window = new RuleWindow(trigger, series, instant(-Infinity));
    const frontiers: Instant[] = [];
    const values: number[] = [];
    const read = (now: Instant) => {
      const reading = window.read(now, 0);
      if (reading.kind !== 'value' || reading.window.frontier === frontiers.at(-1)) return;
      frontiers.push(reading.window.frontier ?? now);
      values.push(reading.value);
    };
    let end: Instant | undefined;
    for (const sample of samples) {
      if (sample.series.resource !== trigger.resource || sample.series.metric !== metric) continue;
      const next = sampleEnd(sample);
      if (end !== undefined && next > end) read(end);
      series.put(sample, 'export', next);
      end = next;
    }
    if (end !== undefined) read(end);
    this.#frontiers = frontiers;
    this.#values = values;
  }

  /** The place of the newest frontier at or before `at`; −1 before the first. */
  placeAt(at: Instant): number {
    let low = 0;
    let high = this.#frontiers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#frontiers[middle] ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  frontier(place: number): Instant | undefined {
    return this.#frontiers[place];
  }

  value(place: number): number | undefined {
    return this.#values[place];
  }

  /** At the newest frontier at or before `at`. */
  valueAt(at: Instant): number | undefined {
    return this.value(this.placeAt(at));
  }
}
