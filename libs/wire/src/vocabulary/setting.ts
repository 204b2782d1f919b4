import {
  defaultPolicy,
  flapBudgetMax,
  operators,
  scaleActionTypes,
  shadowsMax,
  statistics,
  timeAggregations,
} from '@headroom/core';
import type {
  AutoscaleSetting,
  LocalTime,
  MissingDataPolicy,
  Override,
  Policy,
  Schedule,
  SettingContent,
  SettingRecord,
  SettingVersion,
  Shadow,
  ShadowPolicy,
} from '@headroom/core';
import { z } from 'zod';
import {
  capacitySchema,
  countSchema,
  epochMsMax,
  idSchema,
  instancesSchema,
  instantSchema,
  millisSchema,
  nameSchema,
  proseSchema,
  shadowNameSchema,
  targetSchema,
  titleSchema,
} from './lang.ts';
import {
  accountSchema,
  quotaPoolPolicySchema,
  quotaPoolSchema,
  rateLimitPolicySchema,
} from './limit.ts';
import { auditLevelSchema, modeSchema } from './policy.ts';

// A parsed setting as the log, the snapshots and the audit log carry it. The ARM form is
// autoscale-setting's, the form in which people write a policy is policy.ts's. What was written
// before an option was there has that option's default.

export const dimensionValueLengthMax = 1024;

/**
 * Most bytes of a setting, with its shadows where it has any, and of its policy. Beside them a message has room for three overrides, the ids and what else
 * an audit record has: see `messageBytesMax`.
 */
export { settingBytesMax } from '@headroom/core';
export const policyBytesMax = 30_000;

const dimensionFilterSchema = z.object({
  name: nameSchema,
  operator: z.enum(['Equals', 'NotEquals']),
  values: z.array(z.string().max(dimensionValueLengthMax)),
});
const ruleSchema = z.object({
  trigger: z.object({
    metricName: nameSchema,
    metricNamespace: z.exactOptional(nameSchema),
    resource: idSchema,
    timeGrainMs: millisSchema,
    statistic: z.enum(statistics),
    timeWindowMs: millisSchema,
    timeAggregation: z.enum(timeAggregations),
    operator: z.enum(operators),
    threshold: z.number(),
    dimensions: z.array(dimensionFilterSchema),
    dividePerInstance: z.boolean(),
  }),
  action: z.object({
    direction: z.enum(['Increase', 'Decrease', 'None']),
    type: z.enum(scaleActionTypes),
    value: z.number(),
    cooldownMs: millisSchema,
  }),
});
const localTimeSchema = z
  .number()
  .min(-epochMsMax)
  .max(epochMsMax)
  .transform((ms) => ms as LocalTime);
const weekdaySchema = z.literal([0, 1, 2, 3, 4, 5, 6]);
const scheduleSchema: z.ZodType<Schedule> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('fixedDate'),
    timeZone: nameSchema,
    start: localTimeSchema,
    end: localTimeSchema,
  }),
  z.object({
    kind: z.literal('recurrence'),
    timeZone: nameSchema,
    days: z.array(weekdaySchema),
    hour: z.int().min(0).max(23),
    minute: z.int().min(0).max(59),
  }),
]);
const profileSchema = z.object({
  name: titleSchema,
  capacity: z.object({
    minimum: instancesSchema,
    maximum: instancesSchema,
    default: instancesSchema,
  }),
  rules: z.array(ruleSchema),
  schedule: z.exactOptional(scheduleSchema),
});
const settingSchema: z.ZodType<AutoscaleSetting> = z.object({
  name: nameSchema,
  enabled: z.boolean(),
  target: targetSchema,
  profiles: z.array(profileSchema),
});

export const cooldownFromSchema = z.enum(['candidateRule', 'lastFiredRule']);
export const flapBudgetSchema = z.int().min(1).max(flapBudgetMax);
/** Most rules that have a choice of their own: Azure allows 20 profiles of 10 rules. */
export const ownChoicesMax = 200;
/** Most counts of a ladder. */
export const ladderMax = 100;

const missingDataPolicySchema: z.ZodType<MissingDataPolicy> = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['hold', 'default', 'failUp']) }),
  z.object({ kind: z.literal('lastGood'), ttlMs: millisSchema }),
]);
const missingDataSchema = z.object({
  out: missingDataPolicySchema,
  in: missingDataPolicySchema,
  rules: z
    .array(
      z.object({
        profile: z.exactOptional(titleSchema),
        rule: countSchema,
        use: missingDataPolicySchema,
      }),
    )
    .max(ownChoicesMax),
});
const policyShape = {
  auditLevel: auditLevelSchema,
  cooldownFrom: cooldownFromSchema.default(defaultPolicy.cooldownFrom),
  scaleOutPreemptsCooldown: z.boolean().default(defaultPolicy.scaleOutPreemptsCooldown),
  flapBudget: z.exactOptional(flapBudgetSchema),
  missingData: missingDataSchema.default(() => ({ ...defaultPolicy.missingData, rules: [] })),
  capacityLadder: z.exactOptional(z.array(instancesSchema).max(ladderMax)),
};
const policySchema: z.ZodType<Policy> = z.object({ mode: modeSchema, ...policyShape });
const shadowPolicySchema: z.ZodType<ShadowPolicy> = z.object(policyShape);

const termShape = {
  at: instantSchema,
  until: instantSchema,
  owner: z.string(),
  reason: z.string(),
};
const overrideSchema: z.ZodType<Override> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pause'), ...termShape }),
  z.object({ kind: z.literal('freeze'), ...termShape }),
  z.object({ kind: z.literal('pin'), ...termShape, to: capacitySchema }),
  z.object({ kind: z.literal('confirm'), ...termShape }),
]);
/** One of each kind, and room for kinds to come. */
const overridesMax = 16;
const overridesSchema = z
  .array(overrideSchema)
  .max(overridesMax)
  .default(() => []);

const shadowSchema: z.ZodType<Shadow> = z.object({
  name: shadowNameSchema,
  content: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('setting'),
      setting: settingSchema,
      policy: shadowPolicySchema,
    }),
    z.object({ kind: z.literal('unreadable'), problems: z.array(proseSchema) }),
  ]),
});

const settingContentSchema: z.ZodType<SettingContent> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('setting'),
    setting: settingSchema,
    policy: policySchema,
    overrides: overridesSchema,
    shadows: z.exactOptional(z.array(shadowSchema).max(shadowsMax)),
  }),
  z.object({
    kind: z.literal('rateLimit'),
    account: accountSchema,
    policy: rateLimitPolicySchema,
    overrides: overridesSchema,
  }),
  z.object({
    kind: z.literal('quotaPool'),
    pool: quotaPoolSchema,
    policy: quotaPoolPolicySchema,
    overrides: overridesSchema,
  }),
  z.object({ kind: z.literal('tombstone') }),
  z.object({ kind: z.literal('moved'), group: idSchema }),
  z.object({ kind: z.literal('unreadable'), problems: z.array(proseSchema) }),
]);

export const settingVersionSchema: z.ZodType<SettingVersion> = z.object({
  target: targetSchema,
  id: idSchema,
  version: z.int().min(1),
  content: settingContentSchema,
});

export const settingRecordSchema: z.ZodType<SettingRecord> = z.object({
  id: idSchema,
  target: targetSchema,
  at: instantSchema,
  version: settingVersionSchema,
});
