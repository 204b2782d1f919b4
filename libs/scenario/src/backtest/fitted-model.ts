import { failed, ok, sampleEnd } from '@headroom/core';
import type { Result, Sample } from '@headroom/core';
import type { LoadModelUse } from './backtested.ts';
import type { InstanceLoad } from './instance-load.ts';
import { percentText } from './load-model.ts';
import type { LoadModel, MetricName } from './load-model.ts';
import { errorOf, fitCurve, valueAt } from './queueing-curve.ts';
import type { LoadPoint, QueueingCurve } from './queueing-curve.ts';

/** The first part of the history is fitted to, the rest is held out. */
const fittedPart = 0.7;

const heldOutText = `the last ${percentText(1 - fittedPart)} of the history`;

/** The greatest error on what was held out, relative to the mean. */
export const heldOutErrorMost = 0.15;

/** Fewer points, or loads that hardly differ, say nothing about another number of instances. */
const pointsLeast = 120;
const loadSpreadLeast = 1.5;

interface Fit {
  readonly load: InstanceLoad;
  readonly curve: QueueingCurve;
  readonly heldOutError: number;
  readonly greatestLoad: number;
}

/**
 * A recorded value, times what the curve says of the instances' load with the other count, to what it says of that on record:
 * what the curve does not explain stays in it, and the count on record gives what is on record.
 */
class FittedModel implements LoadModel {
  readonly #name: MetricName;
  readonly #fit: Fit;
  #samples = 0;
  #beyond = 0;

  constructor(name: MetricName, fit: Fit) {
    this.#name = name;
    this.#fit = fit;
  }

  modelled(sample: Sample, ratio: number): Sample | undefined {
    const { load, curve, greatestLoad } = this.#fit;
    const recorded = load.at(sampleEnd(sample), sample.grainMs);
    if (recorded === undefined) return undefined;
    this.#samples++;
    if (recorded * ratio > greatestLoad) this.#beyond++;
    if (ratio === 1) return sample;
    const factor = valueAt(curve, recorded * ratio) / valueAt(curve, recorded);
    const { total, minimum, maximum } = sample;
    const own = { total: total * factor, minimum: minimum * factor, maximum: maximum * factor };
    return { ...sample, ...own };
  }

  use(): LoadModelUse {
    const { load, heldOutError } = this.#fit;
    const beyond =
      this.#beyond > 0
        ? `; ${percentText(this.#beyond / this.#samples)} of its values are for loads above any on record`
        : '';
    const text = `fitted to ${load.metric} an instance, with an error of ${percentText(heldOutError)} on ${heldOutText}${beyond}`;
    return { ...this.#name, model: 'fitted', heldOutError, text };
  }
}

/**
 * The fit to the load that foretells best, or why none will do. Which load that is, the fitted part alone says: what is held
 * out judges the one that was chosen, and has chosen nothing.
 */
export function fittedModel(
  name: MetricName,
  samples: readonly Sample[],
  loads: readonly InstanceLoad[],
): Result<LoadModel, string> {
  const tried = loads.map((load) => fitTo(load, samples));
  const fits = tried.flatMap((one) => (one.ok ? one.value : []));
  const [best] = fits.sort((a, b) => a.choiceError - b.choiceError);
  if (best === undefined) {
    const whys = tried.flatMap((one) => (one.ok ? [] : one.error));
    return failed(whys[0] ?? 'the history has no metric of the load beside it to fit it to');
  }
  const { load, curve, greatestLoad, heldOut } = best;
  const heldOutError = errorOf(curve, heldOut);
  if (heldOutError <= heldOutErrorMost) {
    return ok(new FittedModel(name, { load, curve, greatestLoad, heldOutError }));
  }
  return failed(
    `fitted to ${load.metric} an instance it is ${percentText(heldOutError)} off on ${heldOutText}, and ${percentText(heldOutErrorMost)} is the most that is let through`,
  );
}

/** A fit that nothing has judged yet. */
interface Unjudged extends Omit<Fit, 'heldOutError'> {
  readonly heldOut: readonly LoadPoint[];
  /** On the end of the fitted part, of a fit to its begin. */
  readonly choiceError: number;
}

function fitTo(load: InstanceLoad, samples: readonly Sample[]): Result<Unjudged, string> {
  const points = pointsOf(load, samples);
  if (points.length < pointsLeast) {
    return failed(
      `${points.length} values have a value of ${load.metric} beside them, and ${pointsLeast} are needed for a fit`,
    );
  }
  const [fitted, heldOut] = split(points);
  const loads = fitted.map((point) => point.load);
  const greatestLoad = loads.reduce((most, one) => Math.max(most, one), 0);
  const least = loads.reduce((one, other) => Math.min(one, other), Infinity);
  if (!(greatestLoad >= loadSpreadLeast * least)) {
    return failed(
      `${load.metric} an instance hardly changed, so that nothing is known of another number of instances`,
    );
  }
  const curve = fitCurve(fitted);
  if (curve === undefined) return failed(`it does not grow with ${load.metric} an instance`);
  return ok({ load, curve, greatestLoad, heldOut, choiceError: choiceErrorOf(fitted) });
}

function choiceErrorOf(fitted: readonly LoadPoint[]): number {
  const [begin, end] = split(fitted);
  const curve = fitCurve(begin);
  return curve === undefined ? Infinity : errorOf(curve, end);
}

function split(points: readonly LoadPoint[]) {
  const cut = Math.floor(points.length * fittedPart);
  return [points.slice(0, cut), points.slice(cut)] as const;
}

function pointsOf(load: InstanceLoad, samples: readonly Sample[]): readonly LoadPoint[] {
  return samples.flatMap((sample) => {
    const found = load.at(sampleEnd(sample), sample.grainMs);
    const value = sample.total / sample.count;
    return found === undefined || !Number.isFinite(value) ? [] : { load: found, value };
  });
}
