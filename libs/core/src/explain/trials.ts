import { judge } from '../decision/decide.ts';
import type { DecideInput } from '../decision/decide-input.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { Alternative } from './flip.ts';

/** What the input is decided to; `undefined` where it cannot be decided: a reading that is not there, for example. */
export function judged(input: DecideInput): Judgement | undefined {
  try {
    return judge(input);
  } catch {
    return undefined;
  }
}

export function alternativeOf({ outcome, reason, after: count }: Judgement): Alternative {
  return { outcome, reason, ...(count === undefined ? {} : { count }) };
}

/** Asks of changed inputs whether they are decided otherwise. */
export class Trials {
  readonly #before: Alternative;

  constructor(before: Judgement) {
    this.#before = alternativeOf(before);
  }

  /** What the changed input is decided to, where that is another outcome or count. */
  otherwise(changed: DecideInput): Alternative | undefined {
    const judgement = judged(changed);
    if (judgement === undefined) return undefined;
    const found = alternativeOf(judgement);
    const { outcome, count } = this.#before;
    return found.outcome === outcome && found.count === count ? undefined : found;
  }
}

export function sameAlternative(a: Alternative, b: Alternative | undefined): boolean {
  return a.outcome === b?.outcome && a.reason === b.reason && a.count === b.count;
}
