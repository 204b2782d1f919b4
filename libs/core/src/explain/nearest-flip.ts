import type { DecideInput } from '../decision/decide-input.ts';
import { judged, Trials } from './trials.ts';
import type { Flips, MetricFlip, ThresholdFlip } from './flip.ts';
import { metricFlip } from './metric-flip.ts';
import { thresholdFlip } from './threshold-flip.ts';
import { timeFlip } from './time-flip.ts';

/**
 * The smallest change of one metric, of one threshold and of the time that would have changed the outcome or the count,
 * found by running `judge`, and the nearest of them. Between boundaries the outcome is the same, so the
 * values next to each boundary are run, the nearest first.
 */
export function flipsOf(input: DecideInput): Flips {
  const before = judged(input);
  if (before === undefined) return {};
  const trials = new Trials(before);
  const metric = metricFlip(input, before, trials);
  const threshold = thresholdFlip(input, before, trials);
  const time = timeFlip(input, before, trials);
  const nearest = nearer(metric, threshold) ?? time;
  return {
    ...(metric === undefined ? {} : { metric }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(time === undefined ? {} : { time }),
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** Rounding for people may make one of two that are alike look nearer. */
const alike = 0.99;

/** Of two alike the metric: it is what happens, while a threshold is somebody's choice. */
function nearer(metric: MetricFlip | undefined, threshold: ThresholdFlip | undefined) {
  if (metric === undefined || threshold === undefined) return metric ?? threshold;
  return threshold.distance < metric.distance * alike ? threshold : metric;
}
