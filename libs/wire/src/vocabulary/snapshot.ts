import type {
  AccountSnapshot,
  FoldSnapshot,
  GroupSnapshot,
  LimitSnapshot,
  PoolSnapshot,
  SeriesSnapshot,
  TargetSnapshot,
} from '@headroom/core';
import { z } from 'zod';
import { decisionOutcomeSchema, targetStateSchema } from './decision.ts';
import {
  countSchema,
  instantSchema,
  millisSchema,
  nameSchema,
  reasonSchema,
  shadowNameSchema,
  targetSchema,
  titleSchema,
} from './lang.ts';
import { seenOfLimitShape, throttlingRuleSchema } from './limit.ts';
import { poolStateSchema } from './quota.ts';
import { settingVersionSchema } from './setting.ts';

/** A series without its columns: they follow as numbers. `length` is how many each has. */
export type SeriesHeader = Pick<SeriesSnapshot, 'key' | 'grainMs' | 'path'> & {
  readonly length: number;
};
export type SnapshotHeader = Omit<FoldSnapshot, 'series'> & {
  readonly series: readonly SeriesHeader[];
};

const seriesSchema: z.ZodType<SeriesHeader> = z.object({
  key: z.object({
    resource: z.string(),
    metric: z.string(),
    dimensions: z.array(z.tuple([z.string(), z.string()])),
  }),
  grainMs: millisSchema,
  path: nameSchema,
  length: countSchema,
});

const turnShape = {
  dirty: z.boolean(),
  lastEvaluatedAt: z.exactOptional(instantSchema),
  dueAt: z.exactOptional(instantSchema),
  asked: z.array(z.tuple([z.string(), instantSchema])),
};

const entryShape = { target: targetSchema, version: settingVersionSchema, ...turnShape };

const decidedShape = {
  state: targetStateSchema,
  last: z.exactOptional(
    z.object({
      outcome: decisionOutcomeSchema,
      reason: reasonSchema,
      profile: z.exactOptional(titleSchema),
      to: z.exactOptional(z.number()),
      breached: z.exactOptional(z.literal(true)),
      at: instantSchema,
      unchanged: countSchema,
    }),
  ),
};

const progressShape = {
  ...decidedShape,
  readAskedAt: z.exactOptional(instantSchema),
  endedSequence: z.exactOptional(countSchema),
};

const targetSnapshotSchema: z.ZodType<TargetSnapshot> = z.object({
  ...entryShape,
  ...progressShape,
  shadows: z.exactOptional(
    z.array(z.object({ name: shadowNameSchema, ...turnShape, ...decidedShape })),
  ),
});

const limitSchema: z.ZodType<LimitSnapshot> = z.object({
  rule: throttlingRuleSchema,
  ...seenOfLimitShape,
  projectionAskedAt: z.exactOptional(instantSchema),
  projectedTps: z.exactOptional(z.number()),
  knownTps: z.exactOptional(z.number()),
  arrived: z.array(z.tuple([instantSchema, z.number()])).default(() => []),
  ...progressShape,
});

const sumsSchema = z.array(z.tuple([millisSchema, instantSchema, z.number()]));

const accountSnapshotSchema: z.ZodType<AccountSnapshot> = z.object({
  ...entryShape,
  group: z.string(),
  limits: z.array(limitSchema),
  seen: z.array(z.tuple([z.string(), instantSchema, z.number()])),
  spent: sumsSchema,
  successful: sumsSchema,
  callers: z.array(
    z.object({
      caller: z.string(),
      minute: instantSchema,
      calls: z.number(),
      last: z.number(),
      usual: z.number(),
      minutes: countSchema,
    }),
  ),
});

const poolSnapshotSchema: z.ZodType<PoolSnapshot> = z.object({
  ...entryShape,
  state: poolStateSchema,
  told: z.object(progressShape),
  use: z.object({
    heard: z.array(z.tuple([z.string(), z.object({ since: instantSchema, until: instantSchema })])),
    buckets: z.array(
      z.tuple([
        targetSchema,
        instantSchema,
        z.object({ throttled: z.number(), served: z.number(), tokens: z.number() }),
      ]),
    ),
  }),
  seen: z.array(z.tuple([z.string(), instantSchema, z.number()])),
});

const groupSchema: z.ZodType<GroupSnapshot> = z.object({
  name: z.string(),
  learned: z.object({
    tps: z.number(),
    windowStart: instantSchema,
    served: z.number(),
    refused: z.number(),
    latencyMs: z.number(),
    timed: z.number(),
    bestLatencyMs: z.exactOptional(z.number()),
  }),
});

export const snapshotHeaderSchema: z.ZodType<SnapshotHeader> = z.object({
  sequence: z.int().min(-1),
  now: instantSchema,
  startedAt: instantSchema,
  cold: z.boolean(),
  sources: z.array(z.tuple([z.string(), z.object({ sequence: z.int(), index: z.int() })])),
  targets: z.array(targetSnapshotSchema),
  accounts: z.exactOptional(z.array(accountSnapshotSchema)),
  groups: z.exactOptional(z.array(groupSchema)),
  pools: z.exactOptional(z.array(poolSnapshotSchema)),
  series: z.array(seriesSchema),
});
