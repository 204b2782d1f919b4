import { isDeepStrictEqual } from 'node:util';
import { defaultPolicy, defaultQuotaPoolPolicy, defaultRateLimitPolicy } from '@headroom/core';
import type { AnyPolicy } from '@headroom/settings';
import { encodeAnyPolicy } from '@headroom/wire';

/**
 * One line an option that was changed (`mode: observe → act`) or that is not the default one
 * (`flapBudget: 6 (default: none)`), in the words of the policy document.
 */
export function policyLines(policy: AnyPolicy, before?: AnyPolicy): readonly string[] {
  const now = optionsOf(policy);
  const usual = optionsOf(usualOf(policy));
  const old = before === undefined ? now : optionsOf(before);
  const names = new Set([...now.keys(), ...usual.keys(), ...old.keys()]);
  return [...names].flatMap((name) => {
    const [is, was, other] = [now, old, usual].map((options) => options.get(name));
    if (!isDeepStrictEqual(is, was)) return [`${name}: ${valueText(was)} → ${valueText(is)}`];
    if (isDeepStrictEqual(is, other)) return [];
    return [`${name}: ${valueText(is)} (default: ${valueText(other)})`];
  });
}

/** Members of `missingData` are options of their own: `missingData.out`. */
function optionsOf(policy: AnyPolicy): ReadonlyMap<string, unknown> {
  const { missingData = {}, ...document } = encodeAnyPolicy(policy);
  const others = Object.entries(document).filter(([name]) => name !== 'v');
  const below = Object.entries(missingData as object).map(([name, value]): [string, unknown] => [
    `missingData.${name}`,
    value,
  ]);
  return new Map([...others, ...below]);
}

function usualOf(policy: AnyPolicy): AnyPolicy {
  if ('pace' in policy) return defaultRateLimitPolicy;
  return 'everyMs' in policy ? defaultQuotaPoolPolicy : defaultPolicy;
}

function valueText(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
