import { instant } from '@headroom/core';
import type { Dimensions, IngestPath, Sample } from '@headroom/core';
import { minuteMs } from './durations.ts';
import { levels, unit } from './made-metric.ts';
import type { MadeMetric } from './made-metric.ts';
import type { Random } from './random.ts';

/** A sample on its way to the log. */
export interface Arrival {
  readonly at: number;
  readonly path: IngestPath;
  readonly sample: Sample;
}

/** All samples of a metric, in the order in which they arrive. */
export function makeArrivals(
  random: Random,
  metric: MadeMetric,
  begin: number,
  end: number,
): readonly Arrival[] {
  // Clocks of producers are not aligned to anybody's grain.
  const phaseMs = random.chance(0.7) ? 0 : random.int(1, metric.grainMs - 1);
  const first = Math.ceil(begin / metric.grainMs) * metric.grainMs + phaseMs;
  const outage = makeOutage(random, begin, end);
  const walk = new Walk(random);
  const arrivals: Arrival[] = [];
  for (let time = first; time < end; time += metric.grainMs) {
    walk.step();
    if (time > outage.from && time < outage.until) continue;
    for (const dimensions of metric.instances) {
      if (random.chance(metric.gaps)) continue;
      arrivals.push(...arrivalsOf(random, metric, dimensions, time, walk));
    }
  }
  return arrivals.sort((a, b) => a.at - b.at);
}

/** As a poller brings them: what came before somebody asked comes all at once, soon after. */
export function makeBackFill(
  random: Random,
  metric: MadeMetric,
  begin: number,
  end: number,
): readonly Arrival[] {
  const broughtAt = begin + random.int(0, 90) * 1_000;
  const arrivals = makeArrivals(random, metric, begin - random.int(1, 60) * minuteMs, end);
  return arrivals.map((one) => ({ ...one, at: Math.max(one.at, broughtAt) }));
}

function arrivalsOf(
  random: Random,
  metric: MadeMetric,
  dimensions: Dimensions,
  time: number,
  walk: Walk,
): readonly Arrival[] {
  const sample = makeSample(random, metric, dimensions, time, walk.level);
  const lateMs = random.chance(metric.late) ? random.int(1, 1_200) * 1_000 : 0;
  const at = time + metric.grainMs + metric.lagMs + lateMs;
  const arrival = { at, path: metric.path, sample };
  if (!random.chance(metric.replaced)) return [arrival];
  const again = makeSample(random, metric, dimensions, time, walk.level + 1);
  return [arrival, { ...arrival, at: at + random.int(0, 600) * 1_000, sample: again }];
}

function makeSample(
  random: Random,
  metric: MadeMetric,
  dimensions: Dimensions,
  time: number,
  level: number,
): Sample {
  const count = random.chance(metric.empty) ? 0 : random.int(1, metric.countMost);
  const value = Math.max(0, level + (random.chance(0.1) ? random.int(-1, 1) : 0)) * unit;
  return {
    series: { resource: metric.resource, metric: metric.name.toLowerCase(), dimensions },
    time: instant(time),
    grainMs: metric.grainMs,
    count,
    total: value * count,
    minimum: count === 0 ? 0 : Math.max(0, value - (count - 1) * unit),
    maximum: count === 0 ? 0 : value + (count - 1) * unit,
  };
}

/** The level stays for a while, then goes somewhere else: windows often hold one value only. */
class Walk {
  level: number;
  readonly #random: Random;
  readonly #restless: number;

  constructor(random: Random) {
    this.#random = random;
    this.#restless = random.pick([0.02, 0.1, 0.3, 1]);
    this.level = random.int(0, levels);
  }

  step(): void {
    if (!this.#random.chance(this.#restless)) return;
    this.level = this.#random.chance(0.2) ? 0 : this.#random.int(0, levels);
  }
}

function makeOutage(random: Random, begin: number, end: number) {
  if (random.chance(0.7)) return { from: end, until: end };
  const from = random.chance(0.3) ? begin - minuteMs : begin + random.next() * (end - begin);
  return { from, until: from + random.next() * (end - begin) * 0.6 };
}
