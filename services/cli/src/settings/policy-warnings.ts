import type { AutoscaleSetting, MissingDataOfRule, Policy, Problem, Rule } from '@headroom/core';

/** What a policy says of rules that this setting does not have: it would quietly do nothing. */
export function policyWarnings(setting: AutoscaleSetting, policy: Policy): readonly Problem[] {
  return policy.missingData.rules.flatMap((choice, index) => {
    const message = warningOf(choice, setting);
    return message === undefined ? [] : [{ field: `missingData.rules[${index}]`, message }];
  });
}

function warningOf(
  { profile, rule, use }: MissingDataOfRule,
  { profiles }: AutoscaleSetting,
): string | undefined {
  const meant = profiles.filter(({ name }) => profile === undefined || name === profile);
  if (meant.length === 0) {
    const names = profiles.map(({ name }) => JSON.stringify(name)).join(', ');
    return `no profile is named ${JSON.stringify(profile)}: there are ${names}`;
  }
  const rules = meant.flatMap(({ rules }) => rules[rule] ?? []);
  if (rules.length === 0) return `there is no rule ${rule}: rules are counted from 0`;
  if (use.kind === 'failUp' && rules.every(scalesIn)) {
    return `failUp is for rules that scale out, and rule ${rule} scales in: it goes on as with default`;
  }
  return undefined;
}

function scalesIn({ action }: Rule): boolean {
  return action.direction === 'Decrease';
}
