import type { TopicMessage } from '../audit/record.ts';
import type { LimitFacts } from '../decision/limit-facts.ts';
import { leavingJudgement } from '../ratelimit/leaving.ts';
import { baseTps } from '../ratelimit/limit-bounds.ts';
import type { RateLimitPolicy } from '../setting/rate-limit-policy.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { LimitTarget } from './limit-target.ts';
import { record } from './record.ts';
import type { EvaluationPlace } from './record.ts';

/** A limit that a version of its account has no longer, and the policy that it was raised under. */
export interface LeavingLimit {
  readonly limit: LimitTarget;
  readonly policy: RateLimitPolicy;
}

/**
 * Says the last word on a limit: raised, it would stay so where it is set, and nobody decides on it any more. What a command on
 * its way makes of it counts as done: the queue keeps their order.
 */
export function takeLeave(
  { limit, policy }: LeavingLimit,
  version: SettingVersion,
  place: EvaluationPlace,
  messages: TopicMessage[],
): void {
  const { content } = version;
  const { mode, auditLevel } = content.kind === 'rateLimit' ? content.policy : policy;
  const { knownTps } = limit;
  const leavesTo = baseTps(limit.rule, policy);
  const inForce = limit.state.inFlight?.to ?? knownTps;
  if (mode !== 'act' || inForce === undefined || inForce <= leavesTo) return;
  limit.state = { capacity: { kind: 'known', instances: inForce, observedAt: place.now } };
  const facts: LimitFacts = {
    key: limit.rule.key,
    ...limit.seen,
    backend: { sumTps: 0, raisedTps: 0 },
    spend: {},
    leavesTo,
  };
  const judgement = leavingJudgement(limit.state, facts, place.now);
  const subject = { scaled: limit, version, mode, auditLevel };
  record(subject, judgement, () => judgement.verdict(), place, messages);
}
