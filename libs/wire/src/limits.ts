import type { AccountLimits, Instant, LimitChange, Problem, Result } from '@headroom/core';
import { z } from 'zod';
import { contract } from './contract.ts';
import type { JsonObject } from './json.ts';
import { logPositionSchema } from './vocabulary/decision.ts';
import {
  capacitySchema,
  idSchema,
  instantSchema,
  nameSchema,
  targetSchema,
} from './vocabulary/lang.ts';
import { limitRulesMax } from './vocabulary/limit.ts';

// The container `limits`: the limits in force of an account, and what gateways share.

/** As the port's `Shares`. */
export interface SharesDocument {
  readonly pool: string;
  readonly slices: readonly {
    readonly holder: string;
    readonly amount: number;
    readonly demand: number;
    readonly least?: number;
    readonly until: Instant;
  }[];
  readonly taken: readonly { readonly at: Instant; readonly micros: number }[];
}

/** Longest name of a pool: an account, a rule, and what is shared. */
const poolLengthMax = 1200;
/** Most gateways that share a limit. */
export const slicesMax = 1000;
/** Minutes of a month. */
const takenMax = 45_000;

const limitShape = {
  key: nameSchema,
  tps: capacitySchema,
  commandId: idSchema,
  position: z.exactOptional(logPositionSchema),
  claimedAt: instantSchema,
};

const accounts = contract<AccountLimits>(
  'document of limits',
  z.object({ account: targetSchema, limits: z.array(z.object(limitShape)).max(limitRulesMax) }),
);

const changes = contract<LimitChange>(
  'change of a limit',
  z.object({ account: targetSchema, ...limitShape }),
);

const shares = contract<SharesDocument>(
  'document of shares',
  z.object({
    pool: z.string().min(1).max(poolLengthMax),
    slices: z
      .array(
        z.object({
          holder: nameSchema,
          amount: z.number().min(0),
          demand: z.number().min(0),
          least: z.exactOptional(z.number().min(0)),
          until: instantSchema,
        }),
      )
      .max(slicesMax),
    taken: z.array(z.object({ at: instantSchema, micros: z.int().min(0) })).max(takenMax),
  }),
  2_000_000,
);

export function encodeAccountLimits(limits: AccountLimits): JsonObject {
  return accounts.encode(limits);
}

export function decodeAccountLimits(document: unknown): Result<AccountLimits, readonly Problem[]> {
  return accounts.decode(document);
}

/** What a webhook is sent. */
export function encodeLimitChange(change: LimitChange): JsonObject {
  return changes.encode(change);
}

export function decodeLimitChange(document: unknown): Result<LimitChange, readonly Problem[]> {
  return changes.decode(document);
}

export function encodeShares(document: SharesDocument): JsonObject {
  return shares.encode(document);
}

export function decodeShares(document: unknown): Result<SharesDocument, readonly Problem[]> {
  return shares.decode(document);
}
