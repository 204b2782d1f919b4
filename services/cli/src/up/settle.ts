import { after, hourMs, type AuditRecord, type Millis, type TargetId } from '@headroom/core';
import type { AuditLog, Clock, ScaleTarget } from '@headroom/ports';
import { messageOf } from '../command-failed.ts';
import { brokenInvariants } from './check.ts';

export interface SettleParts {
  readonly audit: Pick<AuditLog, 'query'>;
  readonly arm: Pick<ScaleTarget, 'read'>;
  readonly target: TargetId;
  readonly clock: Clock;
}

export interface Settled {
  readonly capacity?: number;
  /** Invariants that do not hold, or why it could not be said. */
  readonly problems: readonly string[];
}

/** How far back the records are checked: earlier runs on the same folder too. */
const checkedMs: Millis = 24 * hourMs;
/** What is running may need its provisioning time; data that is not too old yet may decide once more. */
export const settleLimitMs: Millis = 90_000;
const lookEveryMs: Millis = 500;

/**
 * Waits until nothing is running and the invariants hold, at most `settleLimitMs` or until `hurry` aborts; then says what
 * is broken still. Call it when no more metrics come.
 */
export async function settle(parts: SettleParts, hurry: AbortSignal): Promise<Settled> {
  const { clock } = parts;
  const giveUpAtMs = clock.monotonicMs() + settleLimitMs;
  for (;;) {
    const settled = await look(parts);
    const over = hurry.aborted || clock.monotonicMs() >= giveUpAtMs;
    if (settled.problems.length === 0 || over) return settled;
    await clock.wait(lookEveryMs, hurry);
  }
}

async function look(parts: SettleParts): Promise<Settled> {
  try {
    const reading = await parts.arm.read(parts.target);
    const records = await recordsOf(parts);
    if (reading.kind !== 'capacity') return { problems: [`ARM: ${reading.detail}`] };
    const { instances, busy } = reading;
    const broken = brokenInvariants({ records, capacity: instances });
    const running = busy ? ['an operation is still running at ARM'] : [];
    return { capacity: instances, problems: [...running, ...broken] };
  } catch (error) {
    return { problems: [`the invariants could not be checked: ${messageOf(error)}`] };
  }
}

async function recordsOf({ audit, target, clock }: SettleParts): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  const since = after(clock.now(), -checkedMs);
  for await (const record of audit.query({ target, since })) records.push(record);
  return records;
}
