/** A value and what each instance had of the load then. */
export interface LoadPoint {
  readonly load: number;
  readonly value: number;
}

/** `base + slope / (1 − load / full)`: flat while instances have room, without bound as they fill up. */
export interface QueueingCurve {
  readonly base: number;
  readonly slope: number;
  /** The load at which an instance can do no more. */
  readonly full: number;
}

/** Loads at which an instance would be full, as multiples of the greatest on record. */
const fullSteps = Array.from({ length: 40 }, (_, step) => 1.02 * 1.09 ** step);

/** Nearer to full the curve says anything. */
const reachedMost = 0.98;

export function valueAt({ base, slope, full }: QueueingCurve, load: number): number {
  return base + slope / (1 - Math.min(load / full, reachedMost));
}

/** The curve of the least squares; undefined where none rises with the load. */
export function fitCurve(points: readonly LoadPoint[]): QueueingCurve | undefined {
  const greatest = points.reduce((most, { load }) => Math.max(most, load), 0);
  let best: { curve: QueueingCurve; squares: number } | undefined;
  for (const step of greatest > 0 ? fullSteps : []) {
    const curve = fitLine(points, greatest * step);
    if (curve === undefined) continue;
    const squares = points.reduce(
      (sum, { load, value }) => sum + (valueAt(curve, load) - value) ** 2,
      0,
    );
    if (best === undefined || squares < best.squares) best = { curve, squares };
  }
  return best?.curve;
}

/** The mean absolute error, relative to the mean. */
export function errorOf(curve: QueueingCurve, points: readonly LoadPoint[]): number {
  let errors = 0;
  let values = 0;
  for (const { load, value } of points) {
    errors += Math.abs(valueAt(curve, load) - value);
    values += Math.abs(value);
  }
  return values > 0 ? errors / values : Infinity;
}

/** With `full` given, the value is a line over 1 / (1 − load / full). */
function fitLine(points: readonly LoadPoint[], full: number): QueueingCurve | undefined {
  let [sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0];
  for (const { load, value } of points) {
    const x = 1 / (1 - Math.min(load / full, reachedMost));
    sumX += x;
    sumY += value;
    sumXX += x * x;
    sumXY += x * value;
  }
  const count = points.length;
  const spread = count * sumXX - sumX * sumX;
  if (!(spread > 1e-9 * count * sumXX)) return undefined;
  const slope = (count * sumXY - sumX * sumY) / spread;
  const base = (sumY - slope * sumX) / count;
  return slope > 0 && base + slope > 0 ? { base, slope, full } : undefined;
}
