import type { Problem } from '../lang/result.ts';
import type { AutoscaleSetting } from './autoscale-setting.ts';
import type { MissingDataOfRule, Policy } from './policy.ts';

/** Everything in a policy that cannot be meant for this setting, with fields as in the policy's document. */
export function validatePolicy(policy: Policy, setting: AutoscaleSetting): readonly Problem[] {
  return policy.missingData.rules.flatMap((choice, index) => {
    const field = `missingData.rules[${index}]`;
    const profiles = profilesOf(choice, setting);
    if (profiles.length === 0) {
      const names = setting.profiles.map(({ name }) => JSON.stringify(name)).join(', ');
      const message = `no profile is named ${JSON.stringify(choice.profile)}: there are ${names}`;
      return [{ field: `${field}.profile`, message }];
    }
    const rules = profiles.flatMap((profile) => profile.rules[choice.rule] ?? []);
    if (rules.length === 0) {
      return [{ field: `${field}.rule`, message: ruleText(choice, profiles.length) }];
    }
    const scalesIn = rules.every(({ action }) => action.direction === 'Decrease');
    if (choice.use.kind !== 'failUp' || !scalesIn) return [];
    const message = 'failUp scales out, and this rule scales in: use hold, default or lastGood';
    return [{ field: `${field}.use`, message }];
  });
}

function profilesOf({ profile }: MissingDataOfRule, { profiles }: AutoscaleSetting) {
  return profile === undefined ? profiles : profiles.filter(({ name }) => name === profile);
}

function ruleText({ rule }: MissingDataOfRule, profiles: number): string {
  const who = profiles === 1 ? 'the profile' : 'every profile';
  return `there is no rule ${rule}: ${who} has fewer; they are counted from 0`;
}
