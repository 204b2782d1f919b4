/** Decisions on limits, made by `decideLimit`, for tests of what is said about them. */
import {
  decideLimit,
  defaultRateLimitPolicy,
  defaultRule,
  limitTarget,
  targetId,
} from '@headroom/core';
import type {
  AiAccount,
  Decision,
  LimitFacts,
  Override,
  RateLimitContent,
  RateLimitPolicy,
  TargetState,
} from '@headroom/core';
import { at, minutesFromNow } from './explanation.fixture.ts';

export const accountId = targetId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/vision',
);

export interface ToldOfLimit {
  readonly account?: Partial<AiAccount>;
  readonly policy?: Partial<RateLimitPolicy>;
  readonly facts?: Partial<LimitFacts>;
  readonly limit?: number;
  readonly state?: Partial<TargetState>;
  readonly overrides?: readonly Override[];
}

/** A limit of 10 that was run into, under autoscale, with room in the backend; what is told is otherwise. */
export function limitDecisionOn(told: ToldOfLimit): {
  readonly decision: Decision;
  readonly content: RateLimitContent;
} {
  const { limit = 10, overrides = [] } = told;
  const account: AiAccount = {
    ...{ id: accountId, name: 'vision', kind: 'ComputerVision', sku: 'S1' },
    ...{ dynamicThrottlingEnabled: true, capabilities: ['DynamicThrottling'] },
    rules: [defaultRule],
    ...told.account,
  };
  const [rule = defaultRule] = account.rules;
  const policy: RateLimitPolicy = { ...defaultRateLimitPolicy, pace: 'azure', ...told.policy };
  const state: TargetState = {
    capacity: { kind: 'known', instances: limit, observedAt: minutesFromNow(-0.5) },
    ...told.state,
  };
  const facts: LimitFacts = {
    ...{ key: 'default', blocked: 412 },
    ...(told.facts?.blocked === 0 ? {} : { blockedSince: minutesFromNow(-4) }),
    ...{ quietSince: minutesFromNow(-0.1), watchedSince: minutesFromNow(-10), demandTps: 30 },
    checkedAt: minutesFromNow(-5),
    backend: { capacityTps: 250, sumTps: limit, raisedTps: Math.max(0, limit - 10) },
    spend: {},
    ...told.facts,
  };
  const input = { account, rule, policy, overrides, state, facts, now: at };
  const verdict = decideLimit(input).judgement.verdict();
  const decision: Decision = {
    ...verdict,
    id: '5a1d2c3b4a5968778695a4b3c2d1e0f0',
    target: limitTarget(account.id, rule.key),
    setting: { id: account.id, version: 3 },
    mode: policy.mode,
    at,
    position: { logId: 'signals', partition: 3, sequence: 412 },
    state,
    record: verdict.outcome === 'Hold' ? 'change' : 'action',
    unchanged: 0,
    codeVersion: '0.1.0+tz2025b',
  };
  return { decision, content: { kind: 'rateLimit', account, policy, overrides } };
}
