import type { Instant } from '../lang/instant.ts';
import type { TargetState } from '../decision/decision.ts';
import { Judgement } from '../decision/judgement.ts';
import type { Change, QuotaFacts } from '../decision/quota-facts.ts';
import type { Advanced, Ask } from '../ratelimit/quota/advance.ts';
import type { Mode } from '../setting/policy.ts';

/** What a decision of the mover stands on, whatever it is about. */
interface Place {
  readonly state: TargetState;
  readonly facts: QuotaFacts;
  readonly now: Instant;
}

/** Of the pool itself nothing is raised or lowered: what it does are its deployments' changes. */
export function poolJudgement(found: Pick<Advanced, 'reason' | 'text'>, place: Place): Judgement {
  return judgementOf(found.text, place).hold(found.reason);
}

/** A deployment's change is a decision of its own, with the pool's facts as its inputs. */
export function changeJudgement({ to }: Change, text: string, place: Place): Judgement {
  return judgementOf(text, place).act('QuotaMoved', to);
}

/** The changes that are decisions: those that go out now, or in mode `observe` all of a move that begins. */
export function changesOf({ asks, began }: Advanced, mode: Mode): readonly Change[] {
  if (mode === 'act') return asks.flatMap(changeOf);
  return began === undefined ? [] : [...began.downs, ...began.ups];
}

function changeOf(ask: Ask): readonly Change[] {
  return ask.kind === 'scale' ? [ask.change] : [];
}

function judgementOf(text: string, { state, facts, now }: Place): Judgement {
  const judgement = new Judgement(state, undefined, now, true);
  judgement.quota = facts;
  judgement.note('quota', () => text);
  return judgement;
}
