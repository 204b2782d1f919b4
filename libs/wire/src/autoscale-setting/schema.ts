import {
  operators,
  statistics,
  targetId,
  targetIdLengthMax,
  timeAggregations,
} from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { z } from 'zod';
import { nameLengthMax, titleLengthMax } from '../vocabulary/lang.ts';
import { dimensionValueLengthMax } from '../vocabulary/setting.ts';
import { durationMs } from './duration.ts';
import { anyCase } from './any-case.ts';

// The ARM resource `Microsoft.Insights/autoscaleSettings`, api-versions 2015-04-01 and 2022-10-01.
// Member names and values are Azure's (REST reference of autoscaleSettings, "Create or update").
// Members that decide nothing here (notifications, tags, metricNamespace, locations,
// predictiveAutoscalePolicy) are passed over.

/** Most dimensions of a rule, and most values of a dimension. */
const dimensionsMax = 20;
const dimensionValuesMax = 100;
/** More entries than this are not looked at one by one; what is allowed is far less. */
const listLengthMax = 1000;

const text = (what: string, lengthMax = nameLengthMax) =>
  z
    .string(`expected ${what} as text`)
    .min(1, `empty: give ${what}`)
    .max(lengthMax, `longer than ${lengthMax} characters`)
    .regex(/^\P{Cc}*$/u, 'control characters are not accepted');

const armId = (what: string) =>
  text(what, targetIdLengthMax)
    .regex(/^\s*\//, `expected ${what}: an ARM resource id, /subscriptions/…`)
    .transform((id): TargetId => targetId(id));

const choice = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, `expected one of ${names.join(', ')}`);

/** ARM writes counts as text, "2"; people and some samples of Microsoft's write 2. */
const count = z
  .union([z.string(), z.number()], 'expected a whole number, such as "2"')
  .transform((value) => (typeof value === 'string' ? value.trim() : value))
  .refine((value) => /^\d{1,9}$/.test(String(value)), 'expected a whole number, such as "2"')
  .transform(Number);

const duration = z
  .string('expected an ISO 8601 duration, such as PT5M')
  .transform((value) => durationMs(value) ?? Number.NaN)
  .refine(
    (ms) => !Number.isNaN(ms),
    'expected an ISO 8601 duration, such as PT5M for five minutes, without months and years',
  );

const unsupported = (what: string) =>
  z.null(`${what} are not supported yet: leave them out and keep one default profile`).optional();

const actionTypes = ['ChangeCount', 'PercentChangeCount', 'ExactCount'] as const;
const actionType = z.enum(actionTypes, {
  error: ({ input }) =>
    input === 'ServiceAllowedNextValue'
      ? `ServiceAllowedNextValue is not supported yet: use one of ${actionTypes.join(', ')}`
      : `expected one of ${actionTypes.join(', ')}`,
});

const noTarget = targetId('');

/**
 * Strict says what is wrong with each member. Lenient puts a stand-in where a member cannot be read
 * (NaN for numbers: no comparison with it holds), so that the rest of the setting can be judged in
 * the same go.
 */
export function armSettingSchema(reading: 'strict' | 'lenient') {
  const soft: Soft = (schema, standIn) => (reading === 'strict' ? schema : schema.catch(standIn));
  return z.object(
    {
      id: soft(z.string().nullish(), undefined),
      name: soft(text('the name of the setting').nullish(), undefined),
      properties: z.object(
        {
          name: soft(text('the name of the setting').nullish(), undefined),
          enabled: soft(
            z
              .boolean('expected true or false')
              .nullish()
              .transform((value) => value ?? true),
            true,
          ),
          targetResourceUri: soft(armId('the id of the resource to scale'), noTarget),
          profiles: z
            .array(profileSchema(soft), 'expected a list with one profile')
            .max(listLengthMax),
        },
        'expected the properties of an autoscale setting',
      ),
    },
    'expected an ARM autoscale setting: {"location":…,"properties":{…}}',
  );
}

export type ArmSetting = z.output<ReturnType<typeof armSettingSchema>>;
export type ArmProfile = ArmSetting['properties']['profiles'][number];
export type ArmRule = ArmProfile['rules'][number];

type Soft = <T>(schema: z.ZodType<T>, standIn: NoInfer<T>) => z.ZodType<T>;

function profileSchema(soft: Soft) {
  const rule = z.object(
    { metricTrigger: triggerSchema(soft), scaleAction: actionSchema(soft) },
    'expected a rule',
  );
  return z.object(
    {
      name: soft(text('the name of the profile', titleLengthMax), ''),
      capacity: z.object(
        {
          minimum: soft(count, Number.NaN),
          maximum: soft(count, Number.NaN),
          default: soft(count, Number.NaN),
        },
        'expected minimum, maximum and default',
      ),
      rules: z.array(rule, 'expected a list of rules; it may be empty').max(listLengthMax),
      fixedDate: soft(unsupported('schedules'), undefined),
      recurrence: soft(unsupported('schedules'), undefined),
    },
    'expected a profile',
  );
}

function triggerSchema(soft: Soft) {
  return anyCase(
    ['dimensions'],
    z.object(
      {
        metricName: soft(text('the name of a metric'), ''),
        metricResourceUri: soft(armId('the id of the resource that emits the metric'), noTarget),
        timeGrain: soft(duration, Number.NaN),
        statistic: soft(choice(statistics), 'Average'),
        timeWindow: soft(duration, Number.NaN),
        timeAggregation: soft(choice(timeAggregations), 'Average'),
        operator: soft(choice(operators), 'GreaterThan'),
        threshold: soft(z.number('expected a finite number'), Number.NaN),
        dimensions: soft(
          z
            .array(dimensionSchema(soft), 'expected a list')
            .max(dimensionsMax)
            .nullish()
            .transform(orNone),
          [],
        ),
        dividePerInstance: soft(
          z
            .boolean('expected true or false')
            .nullish()
            .transform((value) => value ?? false),
          false,
        ),
      },
      'expected the metric that the rule looks at',
    ),
  );
}

function dimensionSchema(soft: Soft) {
  return anyCase(
    ['DimensionName', 'Operator', 'Values'],
    z.object({
      DimensionName: soft(text('the name of a dimension'), ''),
      Operator: soft(choice(['Equals', 'NotEquals']), 'Equals'),
      Values: soft(
        z
          .array(z.string('expected text').max(dimensionValueLengthMax), 'expected a list of texts')
          .min(1, 'empty: give at least one value')
          .max(dimensionValuesMax),
        [],
      ),
    }),
  );
}

function actionSchema(soft: Soft) {
  return z.object(
    {
      direction: soft(choice(['Increase', 'Decrease', 'None']), 'None'),
      type: soft(actionType, 'ChangeCount'),
      value: soft(
        count.nullish().transform((value) => value ?? 1),
        Number.NaN,
      ),
      cooldown: soft(duration, Number.NaN),
    },
    'expected what the rule does',
  );
}

function orNone<T>(list: readonly T[] | null | undefined): readonly T[] {
  return list ?? [];
}
