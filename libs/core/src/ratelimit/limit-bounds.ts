import { tpsOf } from '../setting/ai-account.ts';
import type { AiAccount, ThrottlingRule } from '../setting/ai-account.ts';
import type { RateLimitPolicy } from '../setting/rate-limit-policy.ts';

const freeSku = 'F0';
const capability = 'dynamicthrottling';

/** Why the limits of the account are never raised, in words; `undefined`: they may be. */
export function accountIneligibility({ sku, capabilities, kind }: AiAccount): string | undefined {
  if (sku.toUpperCase() === freeSku) {
    return `the free tier (${sku}) has no autoscale: move the account to a paid tier`;
  }
  if (!capabilities.some((name) => name.toLowerCase() === capability)) {
    return `accounts of kind ${kind} have no capability DynamicThrottling: Azure supports no autoscale for them`;
  }
  return undefined;
}

export function ruleIneligibility(account: AiAccount, rule: ThrottlingRule): string | undefined {
  if (rule.dynamicThrottlingEnabled) return accountIneligibility(account);
  return `the rule ${rule.key} is not one that may be raised`;
}

/** Limits move in steps of a tenth of a call a second. */
export function roundTps(tps: number): number {
  return Math.round(tps * 10) / 10;
}

export function floorTps(tps: number): number {
  // Sums of tenths are a little off: 0.1 + 0.2 must not become 0.2.
  return Math.floor(tps * 10 + 1e-6) / 10;
}

/** The rule's own limit, calls a second, as it is: twenty calls a minute are no number of tenths a second. */
export function ownTps(rule: ThrottlingRule): number {
  return exactTps(tpsOf(rule));
}

/** Where the limit begins and to where it falls: the approved higher default, or the rule's own. */
export function baseTps(rule: ThrottlingRule, { approvedTps }: RateLimitPolicy): number {
  return exactTps(approvedTps[rule.key.toLowerCase()] ?? tpsOf(rule));
}

function exactTps(tps: number): number {
  return Math.round(tps * 1e6) / 1e6;
}

/** No limit is raised above it. An approved default above the maximum is never lowered. */
export function ceilingTps(rule: ThrottlingRule, policy: RateLimitPolicy): number {
  return Math.max(policy.maximumTps, baseTps(rule, policy));
}
