import type { Instant } from '../lang/instant.ts';
import type { Decision, TrailQuestion } from '../decision/decision.ts';
import type { Reason } from '../decision/reasons.ts';
import type { LimitFacts } from '../decision/limit-facts.ts';
import { limitOf } from '../setting/ai-account.ts';
import type { ThrottlingRule } from '../setting/ai-account.ts';
import type { RateLimitContent } from '../setting/autoscale-setting.ts';
import { checkAt } from '../ratelimit/check-time.ts';
import { decideLimit } from '../ratelimit/decide-limit.ts';
import { baseTps, ceilingTps } from '../ratelimit/limit-bounds.ts';
import { recordedLimitInput } from '../ratelimit/recorded.ts';
import type { ExplainedLimit } from './explanation.ts';

/** `account`: the version that the decision names, where it is on record. */
export function explainedLimit(
  decision: Decision,
  account: RateLimitContent | undefined,
): ExplainedLimit {
  const { target, limit: facts } = decision;
  const key = facts?.key ?? limitOf(target)?.key ?? target;
  const rule = account?.account.rules.find((one) => one.key.toLowerCase() === key.toLowerCase());
  return {
    key,
    ...(facts === undefined ? {} : { facts }),
    decidedBy: decidedBy(decision),
    ...(account === undefined || rule === undefined ? {} : inForce(decision, account, rule)),
  };
}

function inForce(decision: Decision, account: RateLimitContent, rule: ThrottlingRule) {
  const { policy } = account;
  const bounds = { baseTps: baseTps(rule, policy), ceilingTps: ceilingTps(rule, policy) };
  const { limit: facts } = decision;
  const nextCheckAt = facts && nextCheck(decision, facts, account);
  return { bounds, ...(nextCheckAt === undefined ? {} : { nextCheckAt }) };
}

/** After a check a pace later; before one what it waits for. Nobody waits where nothing was asked of the backend. */
function nextCheck(
  decision: Decision,
  facts: LimitFacts,
  account: RateLimitContent,
): Instant | undefined {
  const { pace } = account.policy;
  const { checked } = decideLimit(recordedLimitInput(decision, account), false);
  if (checked) return checkAt({ ...facts, checkedAt: decision.at }, pace);
  const waits = decision.trail.some(({ step }) => step === 'check');
  return waits ? checkAt(facts, pace) : undefined;
}

/** Where the question is not that of the last answer: a hold has none for what did not apply. */
const questions: Partial<Record<Reason, TrailQuestion>> = {
  AtMaximum: 'bounds',
  NotTriggered: 'throttled',
  DemandFell: 'demand',
  AutoscaleOff: 'autoscale',
  NotEligible: 'eligible',
  AnomalyHold: 'anomaly',
  SpendGuard: 'spend',
  CapacityFell: 'available',
  NoAvailableCapacity: 'available',
};

function decidedBy({ reason, trail }: Decision): TrailQuestion {
  return questions[reason] ?? trail.at(-1)?.step ?? 'throttled';
}
