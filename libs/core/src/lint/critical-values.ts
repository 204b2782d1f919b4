import type { Operator } from '../setting/autoscale-setting.ts';

/** Values that a metric can have; bounds are inclusive. */
export interface ValueRange {
  readonly least: number;
  readonly most: number;
}

export const anyValue: ValueRange = { least: -Infinity, most: Infinity };

/** Most decimal places of a value that is shown to a person. */
const decimalsMax = 4;

/**
 * Values that stand for all: each threshold, one between each two neighbours, and one beyond each end. A condition
 * that compares with these thresholds says the same of every other value as of its neighbour here.
 */
export function criticalValues(thresholds: readonly number[], range: ValueRange): number[] {
  const edges = [...thresholds, range.least, range.most].filter(
    (value) => Number.isFinite(value) && value >= range.least && value <= range.most,
  );
  const sorted = [...new Set(edges)].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [0];
  const between = sorted.slice(1).map((value, index) => tidyBetween(sorted[index] ?? value, value));
  const beyond = [
    ...(range.least < first ? [first - margin(first)] : []),
    ...(range.most > last ? [last + margin(last)] : []),
  ];
  return [...new Set([...sorted, ...between, ...beyond])].sort((a, b) => a - b);
}

/** The roundest number between two, near their middle. */
export function tidyBetween(low: number, high: number): number {
  const middle = (low + high) / 2;
  const largest = 10 ** Math.ceil(Math.log10(Math.max(Math.abs(middle), 1)));
  for (let step = largest; step >= 10 ** -decimalsMax; step /= 10) {
    for (const part of [step, step / 2]) {
      const round = Number((Math.round(middle / part) * part).toFixed(decimalsMax));
      if (round > low && round < high) return round;
    }
  }
  return middle;
}

/** A number as a person writes it. */
export function numberText(value: number): string {
  return String(Number(value.toFixed(decimalsMax)));
}

export function instancesText(count: number): string {
  return count === 1 ? '1 instance' : `${count} instances`;
}

/** Whether the operator asks for values on the high side, on the low side, or neither. */
export function sideOf(operator: Operator): 'high' | 'low' | 'neither' {
  if (operator === 'GreaterThan' || operator === 'GreaterThanOrEqual') return 'high';
  if (operator === 'LessThan' || operator === 'LessThanOrEqual') return 'low';
  return 'neither';
}

/** Far enough from a threshold to be told apart from it, and round. */
function margin(threshold: number): number {
  return Math.max(1, 10 ** Math.floor(Math.log10(Math.abs(threshold) / 10 || 1)));
}
