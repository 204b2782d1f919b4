import type { Decision } from '../decision/decision.ts';
import { judge } from '../decision/decide.ts';
import type { Judgement } from '../decision/judgement.ts';
import { judgementOf, policyOf } from './evaluate.ts';
import type { JudgeFunction } from './evaluate.ts';
import { afterDecision, decisionToRecord } from './record.ts';
import type { EvaluationPlace } from './record.ts';
import type { ShadowEntry } from './shadow-entry.ts';

/** What a shadow decided. */
export interface ShadowDecision extends Decision {
  readonly shadow: string;
  readonly mode: 'observe';
}

/** All that a shadow can say: there is no command and no question to a provider among it. */
export interface ShadowMessage {
  readonly kind: 'decision';
  readonly decision: ShadowDecision;
}

export interface FoundByShadow {
  readonly judgement: Judgement;
  readonly messages: readonly ShadowMessage[];
}

/** Decides what a shadow would do, changes its own state accordingly, and nothing else. */
export function evaluateShadow(
  shadow: ShadowEntry,
  place: EvaluationPlace,
  judgeWith: JudgeFunction = judge,
): FoundByShadow {
  shadow.look(place.now);
  const judgement = judgementOf(shadow, place, judgeWith, false);
  shadow.lastEvaluatedAt = place.now;
  const { name, version } = shadow;
  const { auditLevel } = policyOf(shadow.work);
  const inWords = () => judgementOf(shadow, place, judgeWith, true).verdict();
  const subject = { decided: shadow, version, mode: 'observe', auditLevel, shadow: name } as const;
  const decision = decisionToRecord(subject, judgement, inWords, place);
  if (decision === undefined) return { judgement, messages: [] };
  shadow.state = afterDecision(shadow.state, judgement, decision);
  return {
    judgement,
    messages: [{ kind: 'decision', decision: { ...decision, mode: 'observe', shadow: name } }],
  };
}
