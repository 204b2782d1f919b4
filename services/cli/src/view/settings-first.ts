import { placeOf } from '@headroom/core';
import type { AuditRecord } from '@headroom/core';

/** Most records that wait for a setting of their instant; a store has few targets that decide in one millisecond. */
export const heldMax = 1_000;

/** Records in order of time; of one instant the settings come first, and then what was decided with them. */
export async function* settingsFirst(
  records: AsyncIterable<AuditRecord>,
): AsyncGenerator<AuditRecord, void> {
  let held: AuditRecord[] = [];
  for await (const record of records) {
    const [first] = held;
    const sameInstant = first !== undefined && placeOf(first).at === placeOf(record).at;
    if (!sameInstant || held.length === heldMax) {
      yield* held;
      held = [];
    }
    if (record.kind === 'setting') yield record;
    else held.push(record);
  }
  yield* held;
}
