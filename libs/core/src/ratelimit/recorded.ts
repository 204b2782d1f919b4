import type { Decision } from '../decision/decision.ts';
import { InputNotRecorded } from '../decision/recorded.ts';
import type { RateLimitContent } from '../setting/autoscale-setting.ts';
import type { LimitInput } from './limit-input.ts';

/** The inputs of a decision on a limit as its record has them; `content` is the version of the account that it names. */
export function recordedLimitInput(
  { at: now, state, limit: facts }: Pick<Decision, 'at' | 'state' | 'limit'>,
  { account, policy, overrides }: RateLimitContent,
): LimitInput {
  if (facts === undefined) throw new InputNotRecorded('limit');
  const rule = account.rules.find(({ key }) => key.toLowerCase() === facts.key.toLowerCase());
  if (rule === undefined) throw new Error(`the account has no limit ${facts.key}`);
  return { account, rule, policy, overrides, state, facts, now };
}
