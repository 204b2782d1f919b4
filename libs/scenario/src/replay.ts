import { decideAgain, InputNotRecorded } from '@headroom/core';
import type { Decision, SettingContent, Verdict } from '@headroom/core';
import { verdictDifferences } from './replay-differences.ts';
import type { VerdictDifference } from './replay-differences.ts';

/** What came of deciding again. */
export type Replayed =
  | { readonly kind: 'identical' }
  | { readonly kind: 'different'; readonly differences: readonly VerdictDifference[] }
  /** The record does not have what it takes. */
  | { readonly kind: 'cannot'; readonly why: string };

/**
 * Decides on the recorded inputs of a decision again, with the version of the setting that it names, and compares every
 * member of the verdict bit for bit. Another version of the code may have made the record: it is replayed all the same.
 */
export function replay(decision: Decision, content: SettingContent): Replayed {
  try {
    const differences = verdictDifferences(verdictOf(decision), decideAgain(decision, content));
    return differences.length === 0 ? { kind: 'identical' } : { kind: 'different', differences };
  } catch (error) {
    if (!(error instanceof InputNotRecorded)) throw error;
    return withoutInput(decision, error);
  }
}

/** An error may have come after readings that its record does not keep; anything else had read what it needed. */
function withoutInput({ reason }: Decision, { path, message }: InputNotRecorded): Replayed {
  if (reason === 'Error') {
    return { kind: 'cannot', why: `${message}: an error's record keeps no readings` };
  }
  const difference = { path, recorded: undefined, replayed: 'is asked for' };
  return { kind: 'different', differences: [difference] };
}

/** The members of a decision that `decide` makes; the others say where it stands in the log. */
function verdictOf(decision: Decision): Verdict {
  const {
    outcome,
    reason,
    profile,
    capacity,
    winner,
    rules,
    trail,
    wantsCapacity,
    limit,
    quota,
    dueAt,
  } = decision;
  return {
    outcome,
    reason,
    ...(profile === undefined ? {} : { profile }),
    capacity,
    ...(winner === undefined ? {} : { winner }),
    rules,
    trail,
    wantsCapacity,
    ...(limit === undefined ? {} : { limit }),
    ...(quota === undefined ? {} : { quota }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
}
