import { targetId, targetIdLengthMax } from '@headroom/core';
import type { FixedDate, LocalTime, Recurrence } from '@headroom/core';
import { z } from 'zod';
import { titleLengthMax } from '../vocabulary/lang.ts';
import { armId, count, flag, listLengthMax, text } from './members.ts';
import type { Soft } from './members.ts';
import { ruleSchema } from './rule-schema.ts';
import { fixedDateSchema, recurrenceSchema } from './schedule-schema.ts';
import { notificationsSchema, predictivePolicySchema, tagsSchema } from './unevaluated-schema.ts';

// The ARM resource `Microsoft.Insights/autoscaleSettings`, api-versions 2015-04-01 and 2022-10-01.
// Member names and values are Azure's (REST reference of autoscaleSettings, "Create or update").

const resourceType = 'Microsoft.Insights/autoscaleSettings';

export function armSettingSchema(reading: 'strict' | 'lenient') {
  const soft: Soft = (schema, standIn) => (reading === 'strict' ? schema : schema.catch(standIn));
  return z.object(
    {
      id: soft(settingIdSchema.nullish(), undefined),
      name: soft(text('the name of the setting').nullish(), undefined),
      type: soft(typeSchema.nullish(), undefined),
      location: soft(z.string('expected text').nullish(), undefined),
      tags: soft(tagsSchema.nullish(), undefined),
      properties: propertiesSchema(soft),
    },
    'expected an ARM autoscale setting: {"location":…,"properties":{…}}',
  );
}

export type ArmSetting = z.output<ReturnType<typeof armSettingSchema>>;
export type ArmProfile = ArmSetting['properties']['profiles'][number];
export type ArmRule = ArmProfile['rules'][number];

const settingIdSchema = z
  .string('expected text')
  .max(targetIdLengthMax, `longer than ${targetIdLengthMax} characters`)
  .regex(/^\P{Cc}*$/u, 'control characters are not accepted');

const typeSchema = z
  .string('expected text')
  .refine(
    (type) => type.toLowerCase() === resourceType.toLowerCase(),
    `expected ${resourceType}: this is another resource`,
  );

function propertiesSchema(soft: Soft) {
  return z.object(
    {
      name: soft(text('the name of the setting').nullish(), undefined),
      enabled: soft(flag.nullish(), undefined),
      targetResourceUri: soft(armId('the id of the resource to scale'), targetId('')),
      targetResourceLocation: soft(z.string('expected text').nullish(), undefined),
      notifications: soft(notificationsSchema.nullish(), undefined),
      predictiveAutoscalePolicy: soft(predictivePolicySchema.nullish(), undefined),
      profiles: z.array(profileSchema(soft), 'expected a list with one profile').max(listLengthMax),
    },
    'expected the properties of an autoscale setting',
  );
}

/** In place of schedules that cannot be read: a profile that has one is no default. */
const someDate: FixedDate = {
  kind: 'fixedDate',
  timeZone: 'UTC',
  start: Number.NaN as LocalTime,
  end: Number.NaN as LocalTime,
};
const someRecurrence: Recurrence = {
  kind: 'recurrence',
  timeZone: 'UTC',
  days: [0],
  hour: 0,
  minute: 0,
};

function profileSchema(soft: Soft) {
  return z
    .object(
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
        rules: z
          .array(ruleSchema(soft), 'expected a list of rules; it may be empty')
          .max(listLengthMax),
        fixedDate: soft(fixedDateSchema.nullish(), someDate),
        recurrence: soft(recurrenceSchema.nullish(), someRecurrence),
      },
      'expected a profile',
    )
    .refine(
      ({ fixedDate, recurrence }) => (fixedDate ?? null) === null || (recurrence ?? null) === null,
      {
        path: ['recurrence'],
        error: 'fixedDate and recurrence exclude each other: make two profiles of it',
      },
    );
}
