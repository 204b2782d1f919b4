import { isDeepStrictEqual } from 'node:util';
import { idSpaceOf, placeOf } from '@headroom/core';
import type { AuditRecord, Instant, TargetId } from '@headroom/core';
import type { AuditLog, AuditQuestion } from '@headroom/ports';

export class MemoryAudit implements AuditLog {
  readonly #entries = new Map<string, Entry>();

  /** Every record, in the order of its coming. */
  get records(): readonly AuditRecord[] {
    return [...this.#entries.values()].map(({ record }) => record);
  }

  create(record: AuditRecord): Promise<'created' | 'same' | 'different'> {
    const entry = entryOf(record);
    const held = this.#entries.get(entry.key);
    if (held === undefined) {
      this.#entries.set(entry.key, entry);
      return Promise.resolve('created');
    }
    const same = isDeepStrictEqual(asStored(held.record), asStored(record));
    return Promise.resolve(same ? 'same' : 'different');
  }

  async *query(question: AuditQuestion): AsyncIterable<AuditRecord> {
    const found = [...this.#entries.values()].filter((entry) => answers(entry, question));
    found.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    for (const { record } of found) yield await Promise.resolve(record);
  }
}

interface Entry {
  readonly key: string;
  readonly target: TargetId;
  readonly at: Instant;
  readonly record: AuditRecord;
}

function entryOf(record: AuditRecord): Entry {
  const { id, target, at } = placeOf(record);
  return { key: `${idSpaceOf(record)}:${id}`, target, at, record };
}

/** What is left of a record in a document: absent members stay absent, undefined ones become so. */
function asStored(record: AuditRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}

function answers(entry: Entry, { target, since, until }: AuditQuestion): boolean {
  return (
    (target === undefined || entry.target === target) &&
    entry.at >= since &&
    (until === undefined || entry.at <= until)
  );
}
