import type { LintFinding } from './finding.ts';
import type { LintedProfile } from './linted-setting.ts';
import { armTypeOf } from '../lang/target.ts';
import { deploymentType } from './metric-catalog.ts';

/** Instances of a managed online deployment without an exception by support (Azure ML quotas). */
const deploymentInstancesMax = 50;

/** Bounds that leave no choice, or that the target does not take. */
export function boundsOf(profile: LintedProfile): readonly LintFinding[] {
  return [...maximumIsMinimum(profile), ...offLadder(profile), ...ofDeployment(profile)];
}

/** A count that is meant to be fixed has no rules (the portal's "scale to a specific instance count"). */
function maximumIsMinimum({
  limits,
  rules,
  field,
  profile,
}: LintedProfile): readonly LintFinding[] {
  if (limits.minimum !== limits.maximum || rules.length === 0) return [];
  return [
    {
      rule: 'max-is-min',
      severity: 'warning',
      field: `${field}.capacity`,
      title: `Profile "${profile.name}" has rules, and its maximum is its minimum`,
      why: `Both are ${limits.minimum}: no rule can move the count.`,
      fix: 'Set the maximum above the minimum, or remove the rules where the count is meant to be fixed.',
    },
  ];
}

function offLadder({ limits, ladder, field, rules }: LintedProfile): readonly LintFinding[] {
  if (ladder === undefined) return [];
  const bounds = (['minimum', 'maximum', 'default'] as const)
    .filter((name) => !ladder.includes(limits[name]))
    .map((name) => ({ at: `${field}.capacity.${name}`, what: `${name} ${limits[name]}` }));
  const actions = rules
    .filter(({ rule }) => rule.action.type === 'ExactCount' && !ladder.includes(rule.action.value))
    .map((rule) => ({
      at: `${rule.field}.scaleAction.value`,
      what: `count ${rule.rule.action.value}`,
    }));
  const steps = rules
    .filter(({ rule }) => ['ChangeCount', 'PercentChangeCount'].includes(rule.action.type))
    .map((rule) => ({
      at: `${rule.field}.scaleAction.type`,
      what: `count that ${rule.rule.action.type} reaches, sooner or later,`,
    }));
  const irregular = ladder.some((count, index) => index > 1 && !isEven(ladder, index, count));
  return [...bounds, ...actions, ...(irregular ? steps : [])].map(({ at, what }) => ({
    rule: 'count-off-ladder',
    severity: 'warning',
    field: at,
    title: `The ${what} is none that the target takes`,
    why:
      `It takes ${ladder.join(', ')} instances; any other count can be refused, and nothing ` +
      'scales then.',
    fix: 'Use one of these counts, or ServiceAllowedNextValue for steps.',
  }));
}

/** A constant step keeps to a ladder whose steps are all alike. */
function isEven(ladder: readonly number[], index: number, count: number): boolean {
  return count - (ladder[index - 1] ?? 0) === (ladder[1] ?? 0) - (ladder[0] ?? 0);
}

function ofDeployment({ limits, setting, field }: LintedProfile): readonly LintFinding[] {
  if (armTypeOf(setting.target) !== deploymentType.toLowerCase()) return [];
  const found: LintFinding[] = [];
  if (limits.minimum === 0) {
    found.push({
      rule: 'minimum-of-deployment',
      severity: 'warning',
      field: `${field}.capacity.minimum`,
      title: 'A managed online deployment cannot go down to 0 instances',
      why:
        'Azure keeps at least one machine running (Azure/mlops-v2#48): the last scale-in will be ' +
        'refused.',
      fix: 'Set the minimum to 1 or more; 3 where it has to be highly available.',
    });
  }
  if (limits.maximum > deploymentInstancesMax) {
    found.push({
      rule: 'maximum-of-deployment',
      severity: 'note',
      field: `${field}.capacity.maximum`,
      title: `More than ${deploymentInstancesMax} instances need an exception by Azure support`,
      why:
        `A managed online deployment has at most ${deploymentInstancesMax}, and the quota has to ` +
        'hold a fifth more cores.',
      fix: 'Ask for the exception, or lower the maximum.',
    });
  }
  return found;
}
