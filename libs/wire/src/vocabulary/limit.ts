import type {
  AiAccount,
  LimitFacts,
  ProjectionQuery,
  QuotaPool,
  QuotaPoolPolicy,
  RateLimitPolicy,
  ThrottlingRule,
} from '@headroom/core';
import { z } from 'zod';
import {
  countSchema,
  instantSchema,
  millisSchema,
  nameSchema,
  proseSchema,
  reasonSchema,
  targetSchema,
} from './lang.ts';
import { auditLevelSchema, modeSchema } from './policy.ts';

// Accounts, quota pools and their policies, parsed, as the log, snapshots and the audit log carry
// them. The forms in which people write them are ai-account's and quota-pool's.

/** Most rules of an account, deployments of a pool, prices and caps. */
export const limitRulesMax = 100;
export const pooledDeploymentsMax = 100;
const listMax = 100;

const tpsSchema = z.number().min(0).max(1_000_000);
const microsSchema = z.number().int().min(0);

export const throttlingRuleSchema: z.ZodType<ThrottlingRule> = z.object({
  key: nameSchema,
  count: z.number().min(0),
  renewalPeriodMs: millisSchema,
  dynamicThrottlingEnabled: z.boolean(),
  matchPatterns: z.array(z.object({ method: nameSchema, path: z.string().max(1024) })).max(listMax),
});

export const accountSchema: z.ZodType<AiAccount> = z.object({
  id: targetSchema,
  name: nameSchema,
  kind: nameSchema,
  sku: nameSchema,
  dynamicThrottlingEnabled: z.boolean(),
  capabilities: z.array(nameSchema).max(listMax),
  rules: z.array(throttlingRuleSchema).min(1).max(limitRulesMax),
});

const projectionShape = { model: nameSchema, skuName: nameSchema, tpsPerUnit: tpsSchema };
export const projectionSchema: z.ZodType<ProjectionQuery> = z.object(projectionShape);

export const rateLimitPolicySchema: z.ZodType<RateLimitPolicy> = z.object({
  mode: modeSchema,
  auditLevel: auditLevelSchema,
  pace: z.enum(['fast', 'azure']),
  growth: z.enum(['geometric', 'linear', 'demand']),
  decay: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('hold') }),
    z.object({ kind: z.enum(['geometric', 'linear', 'drop']), idleMs: millisSchema }),
  ]),
  maximumTps: tpsSchema,
  approvedTps: z.record(nameSchema, tpsSchema),
  approvedBecause: z.exactOptional(
    z.record(nameSchema, z.object({ by: proseSchema, because: proseSchema })),
  ),
  capacity: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('static'), tps: tpsSchema }),
    z.object({ kind: z.literal('learned'), initialTps: tpsSchema }),
    z.object({ kind: z.literal('arm'), ...projectionShape }),
  ]),
  group: z.exactOptional(nameSchema),
  anomalyFactor: z.exactOptional(z.number().min(1)),
  spend: z.exactOptional(
    z.object({
      currency: nameSchema,
      caps: z
        .array(
          z.object({
            of: z.enum(['account', 'group']),
            per: z.enum(['hour', 'day', 'month']),
            amountMicros: microsSchema,
          }),
        )
        .max(listMax),
      prices: z
        .array(
          z.object({
            key: nameSchema,
            perCallMicros: microsSchema,
            perInputTokenMicros: z.number().min(0),
            perOutputTokenMicros: z.number().min(0),
          }),
        )
        .max(listMax),
    }),
  ),
  gateway: z.object({
    whenAway: z.enum(['open', 'closed']),
    callerShareMax: z.number().min(0).max(1),
    tokenLimits: z
      .array(z.object({ deployment: nameSchema, tokensPerMinute: countSchema }))
      .max(listMax),
  }),
});

export const quotaPoolSchema: z.ZodType<QuotaPool> = z.object({
  id: targetSchema,
  name: nameSchema,
  deployments: z
    .array(
      z.object({
        target: targetSchema,
        guarantee: countSchema,
        maximum: countSchema,
        priority: countSchema,
        minimum: countSchema,
        step: z.int().min(1),
        allowedValues: z.exactOptional(z.array(countSchema).max(1000)),
      }),
    )
    .max(pooledDeploymentsMax),
});

export const quotaPoolPolicySchema: z.ZodType<QuotaPoolPolicy> = z.object({
  mode: modeSchema,
  auditLevel: auditLevelSchema,
  everyMs: millisSchema,
  idleBelow: z.number().min(0).max(1),
  reserve: z.number().min(0).max(10),
});

export const seenOfLimitShape = {
  blocked: z.number().min(0),
  blockedSince: z.exactOptional(instantSchema),
  quietSince: instantSchema,
  demandTps: z.number().min(0),
  watchedSince: instantSchema,
  checkedAt: z.exactOptional(instantSchema),
  heldFor: z.exactOptional(reasonSchema),
};

export const limitFactsSchema: z.ZodType<LimitFacts> = z.object({
  key: nameSchema,
  ...seenOfLimitShape,
  backend: z.object({
    capacityTps: z.exactOptional(z.number()),
    askedAt: z.exactOptional(instantSchema),
    sumTps: z.number(),
    raisedTps: z.number(),
  }),
  spend: z.object({ breach: z.exactOptional(proseSchema), boundTps: z.exactOptional(z.number()) }),
  anomaly: z.exactOptional(
    z.object({ caller: z.string(), perMinute: z.number(), usualPerMinute: z.number() }),
  ),
  leavesTo: z.exactOptional(z.number()),
});
