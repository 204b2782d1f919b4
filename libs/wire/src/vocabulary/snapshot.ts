import type { FoldSnapshot, SeriesSnapshot } from '@headroom/core';
import { z } from 'zod';
import { decisionOutcomeSchema, reasonSchema, targetStateSchema } from './decision.ts';
import {
  countSchema,
  instantSchema,
  millisSchema,
  nameSchema,
  targetSchema,
  titleSchema,
} from './lang.ts';
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

const targetSnapshotSchema = z.object({
  target: targetSchema,
  version: settingVersionSchema,
  state: targetStateSchema,
  readAskedAt: z.exactOptional(instantSchema),
  dirty: z.boolean(),
  lastEvaluatedAt: z.exactOptional(instantSchema),
  dueAt: z.exactOptional(instantSchema),
  last: z.exactOptional(
    z.object({
      outcome: decisionOutcomeSchema,
      reason: reasonSchema,
      profile: z.exactOptional(titleSchema),
      at: instantSchema,
      unchanged: countSchema,
    }),
  ),
  endedSequence: z.exactOptional(countSchema),
  asked: z.array(z.tuple([z.string(), instantSchema])),
});

export const snapshotHeaderSchema: z.ZodType<SnapshotHeader> = z.object({
  sequence: z.int().min(-1),
  now: instantSchema,
  startedAt: instantSchema,
  cold: z.boolean(),
  sources: z.array(z.tuple([z.string(), z.object({ sequence: z.int(), index: z.int() })])),
  targets: z.array(targetSnapshotSchema),
  series: z.array(seriesSchema),
});
