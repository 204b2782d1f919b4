import { operators } from '@headroom/core';
import type { Decision, LogPosition, Reading, TargetState, TrailQuestion } from '@headroom/core';
import { z } from 'zod';
import {
  countSchema,
  idSchema,
  capacitySchema,
  instantSchema,
  millisSchema,
  nameSchema,
  proseSchema,
  reasonSchema,
  shadowNameSchema,
  targetSchema,
  titleSchema,
} from './lang.ts';
import { limitFactsSchema } from './limit.ts';
import { quotaFactsSchema } from './quota.ts';
import { modeSchema } from './policy.ts';

export const decisionOutcomeSchema = z.enum(['ScaleOut', 'ScaleIn', 'Hold']);

export const logPositionSchema: z.ZodType<LogPosition> = z.object({
  logId: nameSchema,
  partition: countSchema,
  sequence: countSchema,
});

const windowSchema = z.object({
  lengthMs: millisSchema,
  frontier: z.exactOptional(instantSchema),
  dataAgeMs: z.exactOptional(z.number()),
  path: z.exactOptional(nameSchema),
  changesAt: z.exactOptional(instantSchema),
});

const readingSchema: z.ZodType<Reading> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('value'),
    completeness: z.enum(['complete', 'partial', 'lastGood']),
    value: z.number(),
    window: windowSchema,
    samples: countSchema,
  }),
  z.object({ kind: z.enum(['missing', 'warming']), window: windowSchema }),
]);

const directionSchema = z.enum(['out', 'in']);

export const targetStateSchema: z.ZodType<TargetState> = z.object({
  capacity: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('known'), instances: capacitySchema, observedAt: instantSchema }),
    z.object({ kind: z.literal('unknown') }),
  ]),
  inFlight: z.exactOptional(
    z.object({
      commandId: idSchema,
      to: capacitySchema,
      decidedAt: instantSchema,
      startBy: instantSchema,
      started: z.boolean(),
      direction: z.exactOptional(directionSchema),
      cooldownMs: z.exactOptional(millisSchema),
    }),
  ),
  lastActionAt: z.exactOptional(instantSchema),
  lastActionDirection: z.exactOptional(directionSchema),
  lastCooldownMs: z.exactOptional(millisSchema),
  recentActions: z.exactOptional(z.array(instantSchema)),
  backoff: z.exactOptional(z.object({ failures: countSchema, until: instantSchema })),
});

const ruleReportSchema = z.object({
  index: countSchema,
  metric: nameSchema,
  direction: directionSchema,
  reading: readingSchema,
  observed: z.exactOptional(z.number()),
  operator: z.enum(operators),
  threshold: z.number(),
  fired: z.boolean(),
  proposed: z.exactOptional(z.number()),
  cooldownLeftMs: millisSchema,
  projected: z.exactOptional(z.number()),
});

const questions = [
  'profile',
  'enabled',
  'override',
  'capacity',
  'inFlight',
  'backoff',
  'bounds',
  'metrics',
  'scaleOut',
  'cooldown',
  'budget',
  'default',
  'scaleIn',
  'flapping',
  'error',
  'autoscale',
  'eligible',
  'spend',
  'throttled',
  'check',
  'available',
  'anomaly',
  'demand',
  'quota',
] as const satisfies readonly TrailQuestion[];

export const decisionSchema: z.ZodType<Decision> = z.object({
  id: idSchema,
  target: targetSchema,
  setting: z.object({ id: idSchema, version: countSchema }),
  shadow: z.exactOptional(shadowNameSchema),
  mode: modeSchema,
  at: instantSchema,
  position: logPositionSchema,
  outcome: decisionOutcomeSchema,
  reason: reasonSchema,
  profile: z.exactOptional(titleSchema),
  capacity: z.object({
    before: z.exactOptional(capacitySchema),
    proposed: z.exactOptional(z.number()),
    after: z.exactOptional(capacitySchema),
  }),
  winner: z.exactOptional(countSchema),
  rules: z.array(ruleReportSchema),
  trail: z.array(z.object({ step: z.enum(questions), answer: proseSchema })),
  wantsCapacity: z.boolean(),
  limit: z.exactOptional(limitFactsSchema),
  quota: z.exactOptional(quotaFactsSchema),
  dueAt: z.exactOptional(instantSchema),
  state: targetStateSchema,
  record: z.enum(['action', 'change', 'heartbeat', 'all']),
  unchanged: countSchema,
  codeVersion: nameSchema,
});
