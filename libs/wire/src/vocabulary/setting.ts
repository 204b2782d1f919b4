import { operators, statistics, timeAggregations } from '@headroom/core';
import type { AutoscaleSetting, Policy, SettingContent, SettingVersion } from '@headroom/core';
import { z } from 'zod';
import {
  idSchema,
  instancesSchema,
  millisSchema,
  nameSchema,
  proseSchema,
  targetSchema,
  titleSchema,
} from './lang.ts';

// A parsed setting as the log and the snapshots carry it. The ARM form is autoscale-setting's.

export const dimensionValueLengthMax = 1024;

const dimensionFilterSchema = z.object({
  name: nameSchema,
  operator: z.enum(['Equals', 'NotEquals']),
  values: z.array(z.string().max(dimensionValueLengthMax)),
});
const ruleSchema = z.object({
  trigger: z.object({
    metricName: nameSchema,
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
    type: z.enum(['ChangeCount', 'PercentChangeCount', 'ExactCount']),
    value: z.number(),
    cooldownMs: millisSchema,
  }),
});
const profileSchema = z.object({
  name: titleSchema,
  capacity: z.object({
    minimum: instancesSchema,
    maximum: instancesSchema,
    default: instancesSchema,
  }),
  rules: z.array(ruleSchema),
});
const settingSchema: z.ZodType<AutoscaleSetting> = z.object({
  name: nameSchema,
  enabled: z.boolean(),
  target: targetSchema,
  profiles: z.array(profileSchema),
});

export const modeSchema = z.enum(['act', 'observe']);
export const auditLevelSchema = z.enum(['changes', 'all']);
const policySchema: z.ZodType<Policy> = z.object({
  mode: modeSchema,
  auditLevel: auditLevelSchema,
});

const settingContentSchema: z.ZodType<SettingContent> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('setting'), setting: settingSchema, policy: policySchema }),
  z.object({ kind: z.literal('tombstone') }),
  z.object({ kind: z.literal('unreadable'), problems: z.array(proseSchema) }),
]);

export const settingVersionSchema: z.ZodType<SettingVersion> = z.object({
  target: targetSchema,
  id: idSchema,
  version: z.int().min(1),
  content: settingContentSchema,
});
