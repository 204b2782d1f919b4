import { limitOf, outcomeKinds, reasons } from '@headroom/core';
import type {
  CapacityObservation,
  CommandSource,
  Divergence,
  Outcome,
  ReadCommand,
  ScaleCommand,
  Started,
} from '@headroom/core';
import { z } from 'zod';
import {
  idSchema,
  capacitySchema,
  instantSchema,
  nameSchema,
  proseSchema,
  targetSchema,
} from './lang.ts';
import { logPositionSchema } from './decision.ts';
import { projectionSchema } from './limit.ts';

const sourceSchema: z.ZodType<CommandSource> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('log'), position: logPositionSchema }),
  z.object({ kind: z.literal('external'), sender: nameSchema }),
]);

export const scaleCommandSchema: z.ZodType<ScaleCommand> = z
  .object({
    kind: z.literal('scale'),
    id: idSchema,
    target: targetSchema,
    expectedCapacity: capacitySchema,
    to: capacitySchema,
    reason: z.enum([...reasons, 'External']),
    source: sourceSchema,
    decidedAt: instantSchema,
    startBy: instantSchema,
  })
  .refine(({ target, to }) => Number.isInteger(to) || limitOf(target) !== undefined, {
    path: ['to'],
    error: 'expected a whole number: only limits, in calls a second, have tenths',
  });

export const readCommandSchema: z.ZodType<ReadCommand> = z.object({
  kind: z.literal('read'),
  id: idSchema,
  target: targetSchema,
  projection: z.exactOptional(projectionSchema),
  source: sourceSchema,
});

export const outcomeSchema: z.ZodType<Outcome> = z.object({
  id: idSchema,
  commandId: idSchema,
  target: targetSchema,
  kind: z.enum(outcomeKinds),
  to: capacitySchema,
  capacity: z.exactOptional(capacitySchema),
  reachedProvider: z.boolean(),
  detail: proseSchema,
  at: instantSchema,
  source: sourceSchema,
});

export const startedSchema: z.ZodType<Started> = z.object({
  commandId: idSchema,
  target: targetSchema,
  to: capacitySchema,
  at: instantSchema,
});

export const observationSchema: z.ZodType<CapacityObservation> = z.object({
  target: targetSchema,
  commandId: idSchema,
  instances: z.exactOptional(capacitySchema),
  availableTps: z.exactOptional(z.number().min(0)),
  detail: proseSchema,
  at: instantSchema,
});

export const divergenceSchema: z.ZodType<Divergence> = z.object({
  id: idSchema,
  recordId: idSchema,
  target: targetSchema,
  at: instantSchema,
  second: z.string(),
});
