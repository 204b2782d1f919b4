import { hourMs, minuteMs, secondMs } from '../lang/instant.ts';
import type { Millis } from '../lang/instant.ts';
import type { Problem } from '../lang/result.ts';
import type {
  AutoscaleSetting,
  CapacityLimits,
  MetricTrigger,
  Profile,
  Rule,
  ScaleAction,
} from './autoscale-setting.ts';
import type { Schedule } from './schedule.ts';

/** Azure's limits (REST reference of autoscaleSettings; Azure Monitor service limits). */
export const profilesMax = 20;
export const rulesMax = 10;
export const timeGrainMinMs = minuteMs;
export const timeGrainMaxMs = 12 * hourMs;
/**
 * Azure's text says five minutes; its own samples have shorter ones, and pushed metrics make them
 * useful.
 */
export const timeWindowMinMs = minuteMs;
export const timeWindowMaxMs = 12 * hourMs;
export const cooldownMinMs = minuteMs;
export const cooldownMaxMs = 7 * 24 * hourMs;

/** From start to end, as the wall clock shows them. */
export const fixedDateMaxMs = 365 * 24 * hourMs;

/** More instances than any resource of Azure has. */
export const capacityMax = 1_000_000;

/**
 * Everything that a well-formed setting says and cannot mean, with fields as in the ARM JSON.
 * Empty: it may be put to work. A number that is NaN is passed over: whoever read the document has
 * told of it.
 */
export function validateSetting(setting: AutoscaleSetting): readonly Problem[] {
  const { profiles, target } = setting;
  return [
    problemIf(target === '', 'properties.targetResourceUri', 'missing: name what is to be scaled'),
    ...profileCountProblems(profiles),
    ...profiles.flatMap((profile, index) =>
      profileProblems(profile, `properties.profiles[${index}]`),
    ),
  ].filter((problem) => problem !== undefined);
}

function profileCountProblems(profiles: readonly Profile[]): readonly (Problem | undefined)[] {
  const field = 'properties.profiles';
  const found = profiles.length;
  if (found > profilesMax) {
    return [{ field, message: `${found} profiles: at most ${profilesMax} are allowed` }];
  }
  if (found === 0) return [{ field, message: 'no profile: give one default profile' }];
  const first = profiles.findIndex(isDefault);
  return profiles.map((profile, index) =>
    problemIf(
      isDefault(profile) && index !== first,
      `${field}[${index}]`,
      `a second default profile beside profiles[${first}]: keep one, or give it a fixedDate or a recurrence`,
    ),
  );
}

function isDefault({ schedule }: Profile): boolean {
  return schedule === undefined;
}

function profileProblems(profile: Profile, field: string): readonly (Problem | undefined)[] {
  const found = profile.rules.length;
  return [
    ...capacityProblems(profile.capacity, `${field}.capacity`),
    ...scheduleProblems(profile.schedule, field),
    problemIf(
      found > rulesMax,
      `${field}.rules`,
      `${found} rules: a profile has at most ${rulesMax}`,
    ),
    ...profile.rules.flatMap((rule, index) =>
      ruleProblems(rule, profile.capacity, `${field}.rules[${index}]`),
    ),
  ];
}

function scheduleProblems(
  schedule: Schedule | undefined,
  field: string,
): readonly (Problem | undefined)[] {
  if (schedule === undefined) return [];
  if (schedule.kind === 'recurrence') {
    const named = schedule.days.length > 0;
    const message = 'no day: name the days on which the profile starts';
    return [problemIf(!named, `${field}.recurrence.schedule.days`, message)];
  }
  const { start, end } = schedule;
  const at = `${field}.fixedDate.end`;
  return [
    problemIf(end <= start, at, 'the end is not after the start: the profile would never run'),
    problemIf(
      end - start > fixedDateMaxMs,
      at,
      "the time from start to end can't exceed 365 days: shorten it, or use a recurrence",
    ),
  ];
}

function capacityProblems(limits: CapacityLimits, field: string): readonly (Problem | undefined)[] {
  const { minimum, maximum, default: fallback } = limits;
  const bounds = `${minimum} to ${maximum}`;
  return [
    notCount(minimum, `${field}.minimum`, 0),
    notCount(maximum, `${field}.maximum`, 0),
    notCount(fallback, `${field}.default`, 0),
    problemIf(
      maximum > capacityMax,
      `${field}.maximum`,
      `${maximum} instances are more than any resource has: choose at most ${capacityMax}`,
    ),
    problemIf(
      maximum < minimum,
      `${field}.maximum`,
      `maximum ${maximum} is below minimum ${minimum}: raise it, or lower the minimum`,
    ),
    problemIf(
      minimum <= maximum && (fallback < minimum || fallback > maximum),
      `${field}.default`,
      `default ${fallback} is outside ${bounds}: choose a count within the bounds`,
    ),
  ];
}

function ruleProblems(
  { trigger, action }: Rule,
  limits: CapacityLimits,
  field: string,
): readonly (Problem | undefined)[] {
  return [
    ...triggerProblems(trigger, `${field}.metricTrigger`),
    ...actionProblems(action, limits, `${field}.scaleAction`),
  ];
}

function triggerProblems(trigger: MetricTrigger, field: string): readonly (Problem | undefined)[] {
  const { timeGrainMs, timeWindowMs, threshold } = trigger;
  return [
    outside(
      timeGrainMs,
      timeGrainMinMs,
      timeGrainMaxMs,
      `${field}.timeGrain`,
      '1 minute to 12 hours',
    ),
    outside(
      timeWindowMs,
      timeWindowMinMs,
      timeWindowMaxMs,
      `${field}.timeWindow`,
      '1 minute to 12 hours',
    ),
    problemIf(
      timeWindowMs < timeGrainMs,
      `${field}.timeWindow`,
      `${spoken(timeWindowMs)} is shorter than one timeGrain, ${spoken(timeGrainMs)}: lengthen it`,
    ),
    problemIf(
      Math.abs(threshold) === Infinity,
      `${field}.threshold`,
      'expected a finite number to compare the metric with',
    ),
  ];
}

function actionProblems(
  action: ScaleAction,
  limits: CapacityLimits,
  field: string,
): readonly (Problem | undefined)[] {
  const { direction, type, value, cooldownMs } = action;
  const { minimum, maximum } = limits;
  const room = maximum - minimum;
  return [
    outside(cooldownMs, cooldownMinMs, cooldownMaxMs, `${field}.cooldown`, '1 minute to 7 days'),
    notCount(value, `${field}.value`, 1),
    problemIf(
      direction === 'None' && type !== 'ExactCount',
      `${field}.direction`,
      `None with ${type} moves nothing: say Increase or Decrease, or use ExactCount`,
    ),
    // With equal bounds no rule can act at all, which Azure describes and does not refuse.
    problemIf(
      type === 'ChangeCount' && room > 0 && value > room,
      `${field}.value`,
      `invalid scale action value ('${value}'). Specify a scale value less than or equal to the difference between ` +
        `the capacity maximum ${maximum} and the capacity minimum ${minimum}: at most ${room}, or widen them`,
      'InvalidActionValue',
    ),
  ];
}

function notCount(value: number, field: string, least: number): Problem | undefined {
  const isCount = Number.isNaN(value) || (Number.isInteger(value) && value >= least);
  return problemIf(!isCount, field, `${value} is not a whole number of at least ${least}`);
}

function outside(
  ms: Millis,
  least: Millis,
  most: Millis,
  field: string,
  allowed: string,
): Problem | undefined {
  return problemIf(
    ms < least || ms > most,
    field,
    `${spoken(ms)} is not allowed: choose ${allowed}`,
  );
}

function spoken(ms: Millis): string {
  if (ms >= hourMs && ms % hourMs === 0) return `${ms / hourMs} h`;
  if (ms >= minuteMs && ms % minuteMs === 0) return `${ms / minuteMs} min`;
  return `${ms / secondMs} s`;
}

function problemIf(
  wrong: boolean,
  field: string,
  message: string,
  code?: string,
): Problem | undefined {
  if (!wrong) return undefined;
  return code === undefined ? { field, message } : { field, message, code };
}
