/** The numbers of a record, as far as it has them. */
export interface Measured {
  readonly count?: number | undefined;
  readonly total?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly average?: number | undefined;
}

export interface Measurement {
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Completes what a record leaves out, or says why that cannot be done:
 *
 *     total             average × count
 *     count             total / average, rounded, at least 1; 1 where they do not tell
 *     minimum, maximum  the average
 *
 * So a record with an average alone is one measurement of that value.
 */
export function complete(measured: Measured): Measurement | string {
  const { average, total: sum } = measured;
  if (average === undefined && sum === undefined) {
    return 'total: missing, and there is no average to derive it from';
  }
  const count = measured.count ?? countOf(sum, average);
  if (count < 0) return `count: ${count} found, expected 0 or more`;
  const total = sum ?? (average ?? 0) * count;
  const mean = average ?? (count > 0 ? total / count : total);
  const { minimum = mean, maximum = mean } = measured;
  // NaN and the infinities are the numbers that are not 0 when multiplied by it; sums could overflow.
  if (count * 0 + total * 0 + minimum * 0 + maximum * 0 !== 0)
    return 'total: too large for a number';
  // Adding 0 turns −0 into 0: JSON would on the next hop.
  return { count: count + 0, total: total + 0, minimum: minimum + 0, maximum: maximum + 0 };
}

function countOf(total: number | undefined, average: number | undefined): number {
  if (total === undefined || average === undefined || average === 0) return 1;
  return Math.max(1, Math.round(total / average));
}
