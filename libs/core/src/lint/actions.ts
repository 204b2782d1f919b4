import { minuteMs } from '../lang/instant.ts';
import { durationText } from '../lang/duration-text.ts';
import type { CapacityLimits } from '../setting/autoscale-setting.ts';
import type { LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { armTypeOf } from '../lang/target.ts';
import { deploymentType, isSame, knownMetric } from './metric-catalog.ts';

/** Actions that move nothing within the bounds, and counts that the bounds cut. */
export function actionsWithoutEffect(profile: LintedProfile): readonly LintFinding[] {
  const { limits, ladder, rules } = profile;
  const { minimum, maximum } = limits;
  if (minimum >= maximum) return [];
  return rules.flatMap((rule) => {
    const { direction, type, value } = rule.rule.action;
    if (type === 'ServiceAllowedNextValue') {
      return hasStep(ladder, limits) ? [] : [withoutEffect(rule, noStepText(ladder, limits))];
    }
    if (type !== 'ExactCount') return [];
    if (direction === 'Increase' && value <= minimum) {
      return [withoutEffect(rule, `No count is below ${value}: the minimum is ${minimum}.`)];
    }
    if (direction === 'Decrease' && value >= maximum) {
      return [withoutEffect(rule, `No count is above ${value}: the maximum is ${maximum}.`)];
    }
    return value < minimum || value > maximum ? [cutByBounds(rule, limits)] : [];
  });
}

function hasStep(ladder: readonly number[] | undefined, limits: CapacityLimits): boolean {
  if (ladder === undefined) return true;
  return ladder.filter((count) => isWithin(count, limits)).length > 1;
}

function noStepText(ladder: readonly number[] | undefined, limits: CapacityLimits): string {
  const counts = (ladder ?? []).join(', ');
  return (
    `The target takes ${counts} instances, and ${limits.minimum} to ${limits.maximum} holds at ` +
    'most one of these.'
  );
}

function withoutEffect({ field, rule, text }: LintedRule, why: string): LintFinding {
  return {
    rule: 'action-without-effect',
    severity: 'error',
    field: `${field}.scaleAction`,
    title: `"${text}" moves nothing: ${rule.action.type} has nowhere to go`,
    why: `${why} The rule can fire, and never changes the count.`,
    fix: 'Choose another count, or widen the bounds of the profile.',
  };
}

function cutByBounds({ field, rule, text }: LintedRule, limits: CapacityLimits): LintFinding {
  const { value } = rule.action;
  const goes = Math.min(Math.max(value, limits.minimum), limits.maximum);
  return {
    rule: 'count-beyond-bounds',
    severity: 'note',
    field: `${field}.scaleAction.value`,
    title: `"${text}" asks for ${value} instances and gets ${goes}`,
    why: `The profile's bounds, ${limits.minimum} to ${limits.maximum}, cut every count.`,
    fix: `Write ${goes}, or widen the bounds.`,
  };
}

/** `az monitor autoscale rule create --scale to N` writes them. */
export function exactWithoutDirection({ rules }: LintedProfile): readonly LintFinding[] {
  return rules
    .filter(({ rule }) => rule.action.direction === 'None')
    .map(({ field, text, rule: { action } }) => ({
      rule: 'exact-count-without-direction',
      severity: 'note',
      field: `${field}.scaleAction.direction`,
      title: `"${text}" goes to ${action.value} from either side`,
      why:
        `With direction None the rule raises from below ${action.value} and lowers from above ` +
        'it; the latter together ' +
        `with every in rule. Azure's own autoscale does not act on such rules at all (azure-cli#16029).`,
      fix: 'Say Increase or Decrease if only one is meant, or if the setting has to work in Azure too.',
    }));
}

/** An average over instances is a share already; dividing it makes it smaller with each instance. */
export function dividedAverages({ rules }: LintedProfile): readonly LintFinding[] {
  return rules
    .filter(({ rule: { trigger } }) => trigger.dividePerInstance && trigger.statistic === 'Average')
    .map(({ field, rule: { trigger } }) => {
      const perInstance = isPerInstance(trigger);
      return {
        rule: 'divided-average',
        severity: perInstance ? 'warning' : 'note',
        field: `${field}.metricTrigger.dividePerInstance`,
        title: `${trigger.metricName} is averaged over instances and then divided by their number`,
        why: perInstance
          ? 'Each instance sends its own value, and their average is compared as if it were a ' +
            'total: the more instances, the lower it reads.'
          : 'Where each instance sends its own value, their average is a share already. ' +
            'Microsoft documents the division as useful for Sum and Count only.',
        fix: 'Use statistic Sum with dividePerInstance, or Average without it.',
      };
    });
}

function isPerInstance(trigger: LintedRule['rule']['trigger']): boolean {
  return knownMetric(trigger)?.dimensions?.some((name) => isSame(name, 'instanceId')) === true;
}

/** How long a scale of an ML deployment took where one was reported (azureml-examples#3515). */
const provisioningMs = 12 * minuteMs;

/** A cooldown that is over while the window still shows what was before the action. */
export function shortCooldowns(profile: LintedProfile): readonly LintFinding[] {
  const { outRules, setting } = profile;
  const isDeployment = armTypeOf(setting.target) === deploymentType.toLowerCase();
  return outRules.flatMap((rule) => {
    const { trigger, action } = rule.rule;
    if (action.cooldownMs < trigger.timeWindowMs && !dependsOnNewest(rule)) {
      return [shorterThanWindow(rule)];
    }
    return isDeployment && action.cooldownMs < provisioningMs ? [shorterThanScaling(rule)] : [];
  });
}

function dependsOnNewest({ rule }: LintedRule): boolean {
  return rule.trigger.timeAggregation === 'Last';
}

function shorterThanWindow({ field, text, rule: { trigger, action } }: LintedRule): LintFinding {
  const [cooldown, window] = [durationText(action.cooldownMs), durationText(trigger.timeWindowMs)];
  return {
    rule: 'cooldown-shorter-than-window',
    severity: 'note',
    field: `${field}.scaleAction.cooldown`,
    title: `"${text}" can scale out again on what it has acted on before`,
    why:
      `Its cooldown is ${cooldown}, its window ${window}: when it may act again, samples from ` +
      'before the scale-out still count.',
    fix: `Make the cooldown at least ${window}, or the window shorter.`,
  };
}

function shorterThanScaling({ field, text, rule: { action } }: LintedRule): LintFinding {
  return {
    rule: 'cooldown-shorter-than-scaling',
    severity: 'note',
    field: `${field}.scaleAction.cooldown`,
    title: `"${text}" may act again as soon as the new instances are there`,
    why:
      `The cooldown of ${durationText(action.cooldownMs)} counts from the decision. Instances ` +
      'of an ML deployment can take ' +
      '12 to 18 minutes to come (azureml-examples#3515); nothing else is done meanwhile, but ' +
      'then the window is full of ' +
      `samples without them.`,
    fix: 'Make the cooldown the time that your deployment takes to scale, plus the window.',
  };
}

function isWithin(count: number, { minimum, maximum }: CapacityLimits): boolean {
  return count >= minimum && count <= maximum;
}
