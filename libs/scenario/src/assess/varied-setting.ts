import type { AutoscaleSetting, Millis, Profile, Rule } from '@headroom/core';

/** Every rule waits as long as the one that fired last asked for. */
export function withCooldowns(setting: AutoscaleSetting, cooldownMs: Millis): AutoscaleSetting {
  return withRules(setting, ({ trigger, action }) => ({
    trigger,
    action: { ...action, cooldownMs },
  }));
}

/** Percentages of a count as the counts that they come to; `undefined`: there are none, or they come to the same. */
export function withRounding(
  setting: AutoscaleSetting,
  count: number,
  round: (value: number) => number,
): AutoscaleSetting | undefined {
  const moved = (value: number, by: (value: number) => number) =>
    Math.max(1, by((count * value) / 100));
  const percents = setting.profiles
    .flatMap(({ rules }) => rules)
    .filter(({ action }) => action.type === 'PercentChangeCount');
  const differ = ({ action: { value } }: Rule) => moved(value, round) !== moved(value, Math.trunc);
  if (!percents.some(differ)) return undefined;
  return withRules(setting, (rule) => {
    if (rule.action.type !== 'PercentChangeCount') return rule;
    const value = moved(rule.action.value, round);
    return { ...rule, action: { ...rule.action, type: 'ChangeCount', value } };
  });
}

/** With one profile alone, whatever its schedule. */
export function withProfile(setting: AutoscaleSetting, { schedule: _, ...profile }: Profile) {
  return { ...setting, profiles: [profile] };
}

function withRules(setting: AutoscaleSetting, change: (rule: Rule) => Rule): AutoscaleSetting {
  const profiles = setting.profiles.map((profile) => ({
    ...profile,
    rules: profile.rules.map(change),
  }));
  return { ...setting, profiles };
}
