import { Disagreed, Duel } from './duel.ts';
import { MadeRun } from './made-run.ts';
import { Random } from './random.ts';
import { reportOf } from './report.ts';

export interface ManyRuns {
  /** Run i of seed s is run 0 of seed s + i: a failure is run again by its own seed. */
  readonly seed: number;
  readonly evaluations: number;
  readonly runs: number;
  readonly progress?: (line: string) => void;
}

export interface Result {
  readonly agreed: boolean;
  readonly text: string;
  readonly evaluations: number;
  /** How often each reason was found. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** Evaluations between two words of progress. */
const progressEach = 50_000;

/** Makes runs up until there are as many evaluations, or runs, as were asked for; stops at the first disagreement. */
export function runMany({ seed, evaluations: most, runs: runsMost, progress }: ManyRuns): Result {
  const reasons = new Map<string, number>();
  let evaluations = 0;
  let run = 0;
  for (; run < runsMost && evaluations < most; run++) {
    const made = new MadeRun(new Random(seed + run));
    const duel = new Duel(made.target, reasons);
    try {
      made.play(duel);
    } catch (error) {
      if (!(error instanceof Disagreed)) throw error;
      const text = reportOf(made.messages, made.target, seed + run, error);
      return { agreed: false, text, evaluations, reasons };
    }
    const before = evaluations;
    evaluations += duel.evaluations;
    if (Math.floor(before / progressEach) !== Math.floor(evaluations / progressEach)) {
      progress?.(`${evaluations} evaluations in ${run + 1} runs agree`);
    }
  }
  const text = [
    `seed ${seed}: ${evaluations} evaluations in ${run} runs agree`,
    ...[...reasons].sort(([, a], [, b]) => b - a).map(([reason, count]) => `  ${reason} ${count}`),
  ].join('\n');
  return { agreed: true, text, evaluations, reasons };
}
