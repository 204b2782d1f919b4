import { cpus } from 'node:os';

/** A line of the table: what was measured, both sides where there are two, and the goal. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly beside: string;
  readonly must: string;
  readonly reached: boolean;
  /** What lies beyond the must, where there is such a thing. */
  readonly aim?: { readonly text: string; readonly reached: boolean };
}

/** A figure with both goals. */
export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly text: (value: number) => string;
  readonly beside: string;
  readonly must: number;
  readonly aim: number;
}

/** The more the better. */
export function atLeast(goal: Goal): Row {
  return rowOf(goal, (bound) => goal.value >= bound);
}

/** The less the better. */
export function atMost(goal: Goal): Row {
  return rowOf(goal, (bound) => goal.value <= bound);
}

/** `0.25x` */
export function times(value: number): string {
  return `${round(value)}x`;
}

/** `1/8` */
export function share(value: number): string {
  return `1/${round(1 / value, 1).replace(/\.0$/, '')}`;
}

export function millis(value: number): string {
  return `${round(value, 1)} ms`;
}

function rowOf(goal: Goal, reaches: (bound: number) => boolean): Row {
  const { what, value, text, beside, must, aim } = goal;
  return {
    what,
    measured: text(value),
    beside: ` (${beside})`,
    must: text(must),
    reached: reaches(must),
    aim: { text: text(aim), reached: reaches(aim) },
  };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function printRows(rows: readonly Row[]): void {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores, ${cpu?.model.trim() ?? 'unknown'}, Node ${process.version}`;
  console.log(`\n${new Date().toISOString().slice(0, 10)}  ${machine}`);
  for (const { what, measured, beside, must, reached, aim } of rows) {
    const goals = aim === undefined ? `must: ${must}` : `must: ${must}, aim: ${aim.text}`;
    const standing = !reached ? 'MISSED ' : aim?.reached === true ? 'aim    ' : 'reached';
    console.log(`${standing}  ${what}: ${measured}${beside}  (${goals})`);
  }
}

export function round(value: number, digits = 2): string {
  return value.toFixed(digits);
}
