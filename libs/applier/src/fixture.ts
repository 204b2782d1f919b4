import {
  after,
  defaultRateLimitPolicy,
  defaultRule,
  instant,
  limitTarget,
  minuteMs,
  targetId,
} from '@headroom/core';
import type {
  Instant,
  RateLimitContent,
  RateLimitPolicy,
  ScaleCommand,
  TargetId,
} from '@headroom/core';
import type { SettingWrite } from '@headroom/ports';

/** Names that the tests of this package share. */
export const start: Instant = instant(1_800_000_000_000);

const endpoint =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/e';
export const blue: TargetId = targetId(`${endpoint}/deployments/blue`);
export const green: TargetId = targetId(`${endpoint}/deployments/green`);

export const account: TargetId = targetId(
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/vision',
);
export const limit: TargetId = limitTarget(account, 'default');

/** The setting of the account: one rule, which begins at 2 calls a second. */
export function accountSetting(changes: Partial<RateLimitPolicy> = {}): SettingWrite {
  const policy = { ...defaultRateLimitPolicy, ...changes };
  const document: RateLimitContent = {
    kind: 'rateLimit',
    account: {
      id: account,
      name: 'vision',
      kind: 'ComputerVision',
      sku: 'S1',
      dynamicThrottlingEnabled: true,
      capabilities: ['DynamicThrottling'],
      rules: [{ ...defaultRule, key: 'Default', count: 2 }],
    },
    policy,
    overrides: [],
  };
  return { target: account, id: 'vision', expected: 0, document, policy, overrides: [] };
}

export interface CommandWish {
  readonly target?: TargetId;
  readonly sequence?: number;
  readonly expectedCapacity?: number;
  readonly to?: number;
  readonly at?: Instant;
}

/** A command of the log `log`, 2 → 4 at `start` where nothing else is said. */
export function command(id: string, wish: CommandWish = {}): ScaleCommand {
  const at = wish.at ?? start;
  const position = { logId: 'log', partition: 1, sequence: wish.sequence ?? 0 };
  return {
    kind: 'scale',
    id,
    target: wish.target ?? blue,
    expectedCapacity: wish.expectedCapacity ?? 2,
    to: wish.to ?? 4,
    reason: 'ScaleOutRule',
    source: { kind: 'log', position },
    decidedAt: at,
    startBy: after(at, 2 * minuteMs),
  };
}
