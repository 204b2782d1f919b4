import { assert } from '../lang/assert.ts';
import type { Instant } from '../lang/instant.ts';
import type { TargetState } from '../decision/decision.ts';
import { Judgement } from '../decision/judgement.ts';
import type { LimitFacts } from '../decision/limit-facts.ts';

/** A limit that is part of no account any more goes back to where it began. */
export function leavingJudgement(state: TargetState, facts: LimitFacts, now: Instant): Judgement {
  assert(facts.leavesTo !== undefined, 'only a limit that leaves has somewhere to go to');
  const judgement = new Judgement(state, undefined, now, true);
  judgement.limit = facts;
  judgement.note('autoscale', () => 'the account has this limit no longer: back to its default');
  return judgement.act('AutoscaleOff', facts.leavesTo);
}
