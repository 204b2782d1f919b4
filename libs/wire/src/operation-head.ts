import type { Instant, Outcome, Problem, Result, ScaleCommand, TargetId } from '@headroom/core';
import { z } from 'zod';
import { contract } from './contract.ts';
import type { JsonObject } from './json.ts';
import { outcomeSchema, scaleCommandSchema } from './vocabulary/command.ts';
import {
  countSchema,
  idSchema,
  instantSchema,
  nameSchema,
  targetSchema,
} from './vocabulary/lang.ts';

/** A document of the container `operations`, without its id: the head of one exclusion key. */
export interface OperationHeadDocument {
  readonly exclusionKey: string;
  readonly command: ScaleCommand;
  readonly state: OperationStateDocument;
  readonly positions: readonly {
    readonly target: TargetId;
    readonly logId: string;
    readonly partition?: number;
    readonly sequence: number;
  }[];
  readonly recent: readonly Outcome[];
}

export type OperationStateDocument =
  | { readonly kind: 'claimed'; readonly claimedAt: Instant }
  | {
      readonly kind: 'running';
      readonly claimedAt: Instant;
      readonly startedAt: Instant;
      readonly operation: string;
      readonly attempt: number;
    }
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly delivered: boolean };

/** Longest handle of a provider's operation; ARM's are URLs with a token. */
const operationLengthMax = 16_384;

const stateSchema: z.ZodType<OperationStateDocument> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('claimed'), claimedAt: instantSchema }),
  z.object({
    kind: z.literal('running'),
    claimedAt: instantSchema,
    startedAt: instantSchema,
    operation: z.string().max(operationLengthMax),
    attempt: countSchema,
  }),
  z.object({ kind: z.literal('done'), outcome: outcomeSchema, delivered: z.boolean() }),
]);

const heads = contract<OperationHeadDocument>(
  'operation head',
  z.object({
    exclusionKey: idSchema,
    command: scaleCommandSchema,
    state: stateSchema,
    positions: z.array(
      z.object({
        target: targetSchema,
        logId: nameSchema,
        partition: z.exactOptional(countSchema),
        sequence: countSchema,
      }),
    ),
    recent: z.array(outcomeSchema),
  }),
);

export function encodeOperationHead(head: OperationHeadDocument): JsonObject {
  return heads.encode(head);
}

export function decodeOperationHead(
  document: unknown,
): Result<OperationHeadDocument, readonly Problem[]> {
  return heads.decode(document);
}
