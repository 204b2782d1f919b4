import type { Problem, Result } from '@headroom/core';
import { z } from 'zod';
import { contract } from './contract.ts';
import { countSchema, idSchema } from './vocabulary/lang.ts';

/**
 * A scheduled message on `scale-commands`: look at the running operation of this exclusion key
 * again.
 */
export interface FollowUpStep {
  readonly exclusionKey: string;
  readonly commandId: string;
  /** Counts the looks from 0. */
  readonly attempt: number;
}

const followUps = contract<FollowUpStep>(
  'follow-up',
  z.object({ exclusionKey: idSchema, commandId: idSchema, attempt: countSchema }),
);

export function encodeFollowUp(step: FollowUpStep): Uint8Array {
  return followUps.encodeBytes(step);
}

export function decodeFollowUp(bytes: Uint8Array): Result<FollowUpStep, readonly Problem[]> {
  return followUps.decodeBytes(bytes);
}
