import { after, hourMs, type AuditRecord, type Millis, type TargetId } from '@headroom/core';
import type { AuditLog, Clock } from '@headroom/ports';
import { messageOf } from '../command-failed.ts';
import { shortName } from '../text/target-name.ts';
import { brokenInvariants } from './check.ts';
import type { ScaledScene } from './scene.ts';

export interface SettleParts {
  readonly audit: Pick<AuditLog, 'query'>;
  readonly scaled: readonly ScaledScene[];
  readonly clock: Clock;
}

export interface Settled {
  /** What each target has in the end, as far as it could be read. */
  readonly capacities: ReadonlyMap<TargetId, number>;
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
  const capacities = new Map<TargetId, number>();
  const problems: string[] = [];
  try {
    for (const one of parts.scaled) {
      const { target } = one;
      const reading = await one.read();
      const capacity = reading.kind === 'capacity' ? reading.instances : undefined;
      if (capacity !== undefined) capacities.set(target, capacity);
      const isBusy = reading.kind === 'capacity' && reading.busy;
      if (isBusy) problems.push(`an operation is still running on ${shortName(target)}`);
      const records = await recordsOf(parts, target);
      const known = capacity === undefined ? {} : { capacity };
      problems.push(...brokenInvariants({ records, target, ...known }));
    }
  } catch (error) {
    problems.push(`the invariants could not be checked: ${messageOf(error)}`);
  }
  return { capacities, problems };
}

async function recordsOf(
  { audit, clock }: SettleParts,
  target: TargetId,
): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  const since = after(clock.now(), -checkedMs);
  for await (const record of audit.query({ target, since })) records.push(record);
  return records;
}
