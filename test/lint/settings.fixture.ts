import fc from 'fast-check';
import {
  defaultPolicy,
  minuteMs,
  operators,
  scaleActionTypes,
  statistics,
  targetId,
  timeAggregations,
  validateSetting,
} from '@headroom/core';
import type { AutoscaleSetting, Policy, Profile, Rule, Weekday } from '@headroom/core';

const workspace =
  '/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w';
const target = targetId(`${workspace}/onlineEndpoints/chat/deployments/blue`);
const elsewhere = targetId('/subscriptions/s/resourceGroups/r/providers/Other.Type/things/t');

/** Few metrics and round thresholds, so that rules meet each other. */
const metrics = [
  { metricName: 'CpuUtilizationPercentage', resource: target, dividePerInstance: false },
  { metricName: 'GpuUtilizationPercentage', resource: target, dividePerInstance: false },
  { metricName: 'Requests', resource: elsewhere, dividePerInstance: true },
] as const;

function rules(windowMs: number): fc.Arbitrary<Rule> {
  return fc
    .record({
      metric: fc.constantFrom(...metrics),
      statistic: fc.constantFrom('Average' as const, ...statistics),
      timeAggregation: fc.constantFrom('Average' as const, ...timeAggregations),
      operator: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...operators.slice(2)) },
        { weight: 1, arbitrary: fc.constantFrom(...operators) },
      ),
      threshold: fc.integer({ min: 0, max: 20 }).map((tens) => tens * 5),
      direction: fc.constantFrom('Increase' as const, 'Decrease' as const, 'None' as const),
      type: fc.constantFrom('ChangeCount' as const, ...scaleActionTypes),
      value: fc.integer({ min: 1, max: 6 }),
      cooldownMinutes: fc.integer({ min: 1, max: 12 }),
      coarse: fc.boolean(),
      longer: fc.constantFrom(1, 1, 1, 2),
      dimension: fc.constantFrom(undefined, undefined, undefined, 'a'),
    })
    .map(({ metric, statistic, timeAggregation, operator, threshold, ...rest }) => ({
      trigger: {
        ...metric,
        statistic,
        timeAggregation,
        operator,
        threshold,
        timeGrainMs: rest.coarse ? windowMs : minuteMs,
        timeWindowMs: windowMs * rest.longer,
        dimensions:
          rest.dimension === undefined
            ? []
            : [{ name: 'instanceId', operator: 'Equals' as const, values: [rest.dimension] }],
      },
      action: {
        direction:
          rest.type === 'ExactCount' || rest.direction !== 'None' ? rest.direction : 'Increase',
        type: rest.type,
        value: rest.value,
        cooldownMs: rest.cooldownMinutes * minuteMs,
      },
    }));
}

const profiles: fc.Arbitrary<Profile> = fc
  .record({
    minimum: fc.integer({ min: 0, max: 3 }),
    room: fc.integer({ min: 0, max: 12 }),
    above: fc.integer({ min: 0, max: 12 }),
    windowMinutes: fc.constantFrom(1, 3, 5),
  })
  .chain(({ minimum, room, above, windowMinutes }) =>
    fc.array(rules(windowMinutes * minuteMs), { maxLength: 5 }).map((some) => ({
      name: 'default',
      capacity: { minimum, maximum: minimum + room, default: minimum + Math.min(room, above) },
      rules: some,
    })),
  );

/** With a weekend of its own, sometimes. */
export const settings: fc.Arbitrary<AutoscaleSetting> = fc
  .record({ plain: profiles, weekend: fc.option(profiles, { freq: 3 }) })
  .map(({ plain, weekend }) => ({
    name: 'random',
    enabled: true,
    target,
    profiles: [plain, ...(weekend === null ? [] : recurring(weekend))],
  }))
  .filter((setting) => validateSetting(setting).length === 0);

/** Half of the time it is ended. */
function recurring(profile: Profile): readonly Profile[] {
  const at = (days: readonly Weekday[], hour: number) => ({
    kind: 'recurrence' as const,
    timeZone: 'Europe/Berlin',
    days,
    hour,
    minute: 0,
  });
  const weekend = { ...profile, name: 'Weekend', schedule: at([6], 6) };
  if (profile.capacity.minimum % 2 === 0) return [weekend];
  const name = JSON.stringify({ name: 'default', for: 'Weekend' });
  return [weekend, { ...profile, name, schedule: at([0], 20) }];
}

/** An out and an in rule on one metric, as most people write them. */
export interface Pair {
  readonly above: number;
  readonly below: number;
  readonly add: number;
  readonly take: number;
  readonly minimum: number;
  readonly room: number;
}

export const pairs: fc.Arbitrary<Pair> = fc
  .record({
    above: fc.integer({ min: 40, max: 95 }),
    below: fc.integer({ min: 5, max: 95 }),
    add: fc.integer({ min: 1, max: 6 }),
    take: fc.integer({ min: 1, max: 6 }),
    minimum: fc.integer({ min: 1, max: 4 }),
    room: fc.integer({ min: 6, max: 10 }),
  })
  .filter(({ above, below }) => below <= above);

export function paired({ above, below, add, take, minimum, room }: Pair): AutoscaleSetting {
  const trigger = {
    ...metrics[0],
    statistic: 'Average' as const,
    timeAggregation: 'Average' as const,
    timeGrainMs: minuteMs,
    timeWindowMs: 5 * minuteMs,
    dimensions: [],
  };
  const action = { type: 'ChangeCount' as const, cooldownMs: 15 * minuteMs };
  const capacity = { minimum, maximum: minimum + room, default: minimum };
  const rules: readonly Rule[] = [
    {
      trigger: { ...trigger, operator: 'GreaterThan', threshold: above },
      action: { ...action, direction: 'Increase', value: add },
    },
    {
      trigger: { ...trigger, operator: 'LessThan', threshold: below },
      action: { ...action, direction: 'Decrease', value: take },
    },
  ];
  return { name: 'pair', enabled: true, target, profiles: [{ name: 'default', capacity, rules }] };
}

export const policies: fc.Arbitrary<Policy> = fc
  .record({
    cooldownFrom: fc.constantFrom('candidateRule' as const, 'lastFiredRule' as const),
    scaleOutPreemptsCooldown: fc.boolean(),
    flapBudget: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 4 }),
    ladder: fc.option(fc.constant([1, 2, 4, 8, 16]), { freq: 4 }),
    out: fc.constantFrom('default' as const, 'hold' as const, 'failUp' as const),
  })
  .map(({ flapBudget, ladder, out, ...rest }) => ({
    ...defaultPolicy,
    ...rest,
    missingData: { ...defaultPolicy.missingData, out: { kind: out } },
    ...(flapBudget === null ? {} : { flapBudget }),
    ...(ladder === null ? {} : { capacityLadder: ladder }),
  }));
