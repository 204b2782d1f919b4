import { expect, test } from '@jest/globals';
import { hourMs, minuteMs } from '../lang/instant.ts';
import { targetId } from '../lang/target.ts';
import type { AutoscaleSetting, Profile, Rule } from './autoscale-setting.ts';
import type { LocalTime, Schedule } from './schedule.ts';
import { validateSetting } from './validate.ts';

const target = targetId('/subscriptions/s/deployments/blue');
const rule: Rule = {
  trigger: {
    metricName: 'CpuUtilizationPercentage',
    resource: target,
    timeGrainMs: minuteMs,
    statistic: 'Average',
    timeWindowMs: 5 * minuteMs,
    timeAggregation: 'Average',
    operator: 'GreaterThan',
    threshold: 70,
    dimensions: [],
    dividePerInstance: false,
  },
  action: { direction: 'Increase', type: 'ChangeCount', value: 1, cooldownMs: 5 * minuteMs },
};
const profile: Profile = {
  name: 'Everyday',
  capacity: { minimum: 2, maximum: 10, default: 2 },
  rules: [rule],
};
const setting: AutoscaleSetting = { name: 'blue', enabled: true, target, profiles: [profile] };

const withCapacity = (capacity: Partial<Profile['capacity']>): AutoscaleSetting => ({
  ...setting,
  profiles: [{ ...profile, capacity: { ...profile.capacity, ...capacity } }],
});
const withTrigger = (trigger: Partial<Rule['trigger']>): AutoscaleSetting =>
  withRules([{ ...rule, trigger: { ...rule.trigger, ...trigger } }]);
const withAction = (action: Partial<Rule['action']>): AutoscaleSetting =>
  withRules([{ ...rule, action: { ...rule.action, ...action } }]);
function withRules(rules: readonly Rule[]): AutoscaleSetting {
  return { ...setting, profiles: [{ ...profile, rules }] };
}
const dayMs = 24 * hourMs;
function withSchedules(...schedules: readonly Schedule[]): AutoscaleSetting {
  return {
    ...setting,
    profiles: [...schedules.map((schedule) => ({ ...profile, schedule })), profile],
  };
}
const days = (start: number, end: number): Schedule => ({
  kind: 'fixedDate',
  timeZone: 'UTC',
  start: (start * dayMs) as LocalTime,
  end: (end * dayMs) as LocalTime,
});
const mondays: Schedule = { kind: 'recurrence', timeZone: 'UTC', days: [1], hour: 8, minute: 0 };
function withSchedulesAndTwoDefaults(): AutoscaleSetting {
  return { ...setting, profiles: [profile, { ...profile, schedule: mondays }, profile] };
}
function fixedCount(count: number): AutoscaleSetting {
  const capacity = { minimum: count, maximum: count, default: count };
  return { ...setting, profiles: [{ ...profile, capacity, rules: [] }] };
}
const trigger = 'properties.profiles[0].rules[0].metricTrigger';
const action = 'properties.profiles[0].rules[0].scaleAction';
const capacity = 'properties.profiles[0].capacity';

test.each<[string, AutoscaleSetting]>([
  ['the example', setting],
  ['no rules', withRules([])],
  ['ten rules', withRules(Array.from({ length: 10 }, () => rule))],
  ['a fixed count of 0', fixedCount(0)],
  ['the shortest times', withTrigger({ timeGrainMs: minuteMs, timeWindowMs: minuteMs })],
  ['the longest times', withTrigger({ timeGrainMs: 12 * hourMs, timeWindowMs: 12 * hourMs })],
  ['the longest cooldown', withAction({ cooldownMs: 7 * 24 * hourMs })],
  ['the largest change', withAction({ value: 8 })],
  ['a percentage above the room', withAction({ type: 'PercentChangeCount', value: 100 })],
  ['an exact count, without direction', withAction({ type: 'ExactCount', direction: 'None' })],
  ['schedules beside a default', withSchedules(days(0, 365), mondays, mondays)],
  ['schedules alone', { ...setting, profiles: [{ ...profile, schedule: mondays }] }],
  ['a schedule of which the reader told', withSchedules(days(Number.NaN, Number.NaN))],
  ['rules that can never act', withCapacity({ minimum: 2, maximum: 2 })],
  [
    'the next value that the service allows',
    withAction({ type: 'ServiceAllowedNextValue', direction: 'Decrease' }),
  ],
  ['any finite threshold', withTrigger({ threshold: -1e300 })],
  [
    'NaN, of which the reader told',
    withTrigger({ threshold: Number.NaN, timeGrainMs: Number.NaN }),
  ],
])('%s may be put to work', (_, good) => {
  expect(validateSetting(good)).toEqual([]);
});

test.each<[string, AutoscaleSetting]>([
  ['properties.targetResourceUri', { ...setting, target: targetId('') }],
  ['properties.profiles', { ...setting, profiles: [] }],
  ['properties.profiles', { ...setting, profiles: Array.from({ length: 21 }, () => profile) }],
  ['properties.profiles[1]', { ...setting, profiles: [profile, profile] }],
  ['properties.profiles[0].rules', withRules(Array.from({ length: 11 }, () => rule))],
  [`${capacity}.maximum`, withCapacity({ maximum: 1 })],
  [`${capacity}.maximum`, withCapacity({ maximum: 1_000_001 })],
  [`${capacity}.minimum`, withCapacity({ minimum: -1 })],
  [`${capacity}.default`, withCapacity({ default: 1 })],
  [`${capacity}.default`, withCapacity({ default: 11 })],
  [`${trigger}.timeGrain`, withTrigger({ timeGrainMs: minuteMs - 1 })],
  [`${trigger}.timeWindow`, withTrigger({ timeWindowMs: 12 * hourMs + 1 })],
  [`${trigger}.timeWindow`, withTrigger({ timeGrainMs: 6 * minuteMs })],
  [`${trigger}.threshold`, withTrigger({ threshold: Infinity })],
  [`${action}.cooldown`, withAction({ cooldownMs: minuteMs - 1 })],
  [`${action}.cooldown`, withAction({ cooldownMs: 7 * 24 * hourMs + 1 })],
  [`${action}.value`, withAction({ value: 0 })],
  [`${action}.value`, withAction({ value: 1.5 })],
  [`${action}.value`, withAction({ value: 9 })],
  [`${action}.direction`, withAction({ direction: 'None' })],
  [
    `${action}.direction`,
    withAction({ direction: 'None', type: 'ServiceAllowedNextValue', value: 1 }),
  ],
  ['properties.profiles[0].fixedDate.end', withSchedules(days(1, 1))],
  ['properties.profiles[0].fixedDate.end', withSchedules(days(0, 366))],
  ['properties.profiles[0].recurrence.schedule.days', withSchedules({ ...mondays, days: [] })],
  ['properties.profiles[2]', withSchedulesAndTwoDefaults()],
])('a problem at %s', (field, bad) => {
  expect(validateSetting(bad).map((problem) => problem.field)).toEqual([field]);
});

test('a change beyond the bounds has the code that Azure gives it', () => {
  expect(validateSetting(withAction({ value: 9 }))).toEqual([
    {
      field: `${action}.value`,
      code: 'InvalidActionValue',
      message: expect.stringContaining('at most 8'),
    },
  ]);
});

test('all problems are told, not the first alone', () => {
  const bad = withAction({ value: 0, cooldownMs: 0 });
  const profiles = [{ ...bad.profiles[0]!, capacity: { minimum: 3, maximum: 1, default: 2 } }];
  expect(validateSetting({ ...bad, profiles })).toHaveLength(3);
});
