import { accountIneligibility, editDistance } from '@headroom/core';
import type { AiAccount, Problem } from '@headroom/core';
import type { Content, Draft } from './content.ts';

const field = 'properties.dynamicThrottlingEnabled';

/**
 * Why the switch of an account cannot be turned on. An account that loses what it takes while it is on (a move to the free
 * tier) is taken all the same: its limits have to come back to their defaults.
 */
export function refusedSwitch(draft: Draft, before: Content | undefined): Problem | undefined {
  if (draft.kind !== 'rateLimit' || !draft.account.dynamicThrottlingEnabled) return undefined;
  const why = accountIneligibility(draft.account);
  if (why === undefined) return undefined;
  const wasOn = before?.kind === 'rateLimit' && before.account.dynamicThrottlingEnabled;
  return wasOn ? undefined : { field, message: `cannot be true: ${why}` };
}

/** What the author of an account or of its policy should know. */
export function accountWarnings(content: Content): readonly Problem[] {
  if (content.kind !== 'rateLimit') return [];
  const { account, policy } = content;
  const why = account.dynamicThrottlingEnabled ? accountIneligibility(account) : undefined;
  const keys = [
    ...Object.keys(policy.approvedTps).map((key) => ({ field: `policy.approvedTps.${key}`, key })),
    ...(policy.spend?.prices ?? []).map(({ key }, index) => ({
      field: `policy.spend.prices[${index}].key`,
      key,
    })),
  ];
  return [
    ...(why === undefined ? [] : [{ field, message: `has no effect: ${why}` }]),
    ...keys.flatMap((one) => {
      if (one.key === '*' || ruleOf(account, one.key) !== undefined) return [];
      return [{ field: one.field, message: unknownKeyText(account, one.key) }];
    }),
  ];
}

/** Keys are compared without case. */
export function ruleOf({ rules }: AiAccount, key: string) {
  return rules.find((rule) => rule.key.toLowerCase() === key.toLowerCase());
}

/** `the account has no limit "vison": write vision; there are vision, default`. */
export function unknownKeyText({ rules }: AiAccount, key: string): string {
  const keys = rules.map((rule) => rule.key);
  const [nearest] = keys.toSorted((a, b) => editDistance(a, key) - editDistance(b, key));
  const isNear = nearest !== undefined && editDistance(nearest, key) <= nearest.length / 2;
  const meant = isNear ? `write ${nearest}; ` : '';
  return `the account has no limit "${key}": ${meant}there are ${keys.join(', ')}`;
}
