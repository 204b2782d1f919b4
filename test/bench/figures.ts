import { cpus } from 'node:os';

/** A line of the table: what was measured, both sides where there are two, and the goal. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly beside: string;
  readonly must: string;
  readonly reached: boolean;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function printRows(rows: readonly Row[]): void {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores, ${cpu?.model.trim() ?? 'unknown'}, Node ${process.version}`;
  console.log(`\n${new Date().toISOString().slice(0, 10)}  ${machine}`);
  for (const { what, measured, beside, must, reached } of rows) {
    console.log(
      `${reached ? 'reached' : 'MISSED '}  ${what}: ${measured}${beside}  (must: ${must})`,
    );
  }
}

export function round(value: number, digits = 2): string {
  return value.toFixed(digits);
}
