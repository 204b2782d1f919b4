import type { Outcome, Violation } from './violation.ts';

/** What a thing of one writer is: a document's value, a checkpoint, all documents of a batch. */
export type RegisterStep =
  | {
      readonly kind: 'wrote';
      readonly value: string;
      readonly outcome: Outcome;
      readonly kill: number;
    }
  | { readonly kind: 'read'; readonly value: string; readonly kill: number };

/** What a thing that is not there reads as. */
export const ABSENT = 'absent';

/**
 * Each read must show the last acknowledged write, or an unknown one after it; what was read once is
 * then certain. So a lost write, one that was undone, a deleted document that is back, and half a
 * batch (its documents are one value) are all reads of what may not be.
 */
export function checkRegister(name: string, steps: readonly RegisterStep[]): Violation[] {
  const violations: Violation[] = [];
  let possible: readonly string[] = [ABSENT];
  for (const step of steps) {
    if (step.kind === 'wrote') {
      possible = step.outcome === 'acknowledged' ? [step.value] : [...possible, step.value];
      continue;
    }
    if (!possible.includes(step.value)) {
      const what = `reads '${step.value}', but can only be '${possible.join("' or '")}'`;
      violations.push({ what, where: name, kill: step.kill });
    }
    possible = [step.value];
  }
  return violations;
}
