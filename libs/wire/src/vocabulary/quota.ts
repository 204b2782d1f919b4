import type { PoolSnapshot, QuotaFacts } from '@headroom/core';
import { z } from 'zod';
import { countSchema, idSchema, instantSchema, proseSchema, targetSchema } from './lang.ts';
import { pooledDeploymentsMax } from './limit.ts';

const amountSchema = z.number().min(0);
const askedSchema = z.object({ commandId: idSchema, at: instantSchema });
const backoffSchema = z.object({ failures: countSchema, until: instantSchema });
const changesSchema = z
  .array(z.object({ target: targetSchema, from: amountSchema, to: amountSchema }))
  .max(pooledDeploymentsMax);

export const poolStateSchema: z.ZodType<PoolSnapshot['state']> = z.object({
  members: z
    .array(
      z.object({
        target: targetSchema,
        capacity: z.exactOptional(amountSchema),
        changedAt: z.exactOptional(instantSchema),
        asked: z.exactOptional(askedSchema),
        inFlight: z.exactOptional(
          z.object({
            commandId: idSchema,
            to: amountSchema,
            startBy: instantSchema,
            started: z.boolean(),
          }),
        ),
        backoff: z.exactOptional(backoffSchema),
      }),
    )
    .max(pooledDeploymentsMax),
  free: z.exactOptional(z.object({ amount: z.number(), observedAt: instantSchema })),
  freeAsked: z.exactOptional(askedSchema),
  move: z.exactOptional(
    z.object({
      phase: z.enum(['lowering', 'raising', 'returning']),
      downs: changesSchema,
      ups: changesSchema,
      text: proseSchema,
      told: z.array(targetSchema).max(pooledDeploymentsMax),
      available: z.exactOptional(z.number()),
      tries: countSchema,
      waitUntil: z.exactOptional(instantSchema),
    }),
  ),
  movedAt: z.exactOptional(instantSchema),
  backoff: z.exactOptional(backoffSchema),
});

export const quotaFactsSchema: z.ZodType<QuotaFacts> = z.object({
  state: poolStateSchema,
  use: z
    .array(
      z.object({
        target: targetSchema,
        throttled: amountSchema,
        served: amountSchema,
        used: amountSchema,
      }),
    )
    .max(pooledDeploymentsMax),
});
