import { isDeepStrictEqual } from 'node:util';
import { idSpaceOf, placeOf, settingTargetOf } from '@headroom/core';
import type { AuditRecord, Decision, Instant, SettingRecord, TargetId } from '@headroom/core';
import { foundMax } from '@headroom/ports';
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
    const found = this.#inOrder((entry) => answers(entry, question));
    for (const { record } of found) yield await Promise.resolve(record);
  }

  find(beginning: string): Promise<readonly AuditRecord[]> {
    const found = this.#inOrder(
      ({ record, id }) => record.kind !== 'divergence' && id.startsWith(beginning),
    );
    return Promise.resolve(found.slice(0, foundMax).map(({ record }) => record));
  }

  settingOf(decision: Decision): Promise<SettingRecord | undefined> {
    const { setting, at } = decision;
    const target = settingTargetOf(decision);
    const records = this.#inOrder((entry) => entry.target === target && entry.at <= at)
      .map(({ record }) => record)
      .filter((record) => record.kind === 'setting');
    const last = records.findLast(
      ({ setting: { version } }) =>
        version.id === setting.id &&
        version.version === setting.version &&
        version.content.kind !== 'moved',
    );
    return Promise.resolve(last?.setting);
  }

  #inOrder(isMeant: (entry: Entry) => boolean): readonly Entry[] {
    const found = [...this.#entries.values()].filter(isMeant);
    return found.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  }
}

interface Entry {
  readonly key: string;
  readonly id: string;
  readonly target: TargetId;
  readonly at: Instant;
  readonly record: AuditRecord;
}

function entryOf(record: AuditRecord): Entry {
  const { id, target, at } = placeOf(record);
  return { key: `${idSpaceOf(record)}:${id}`, id, target, at, record };
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
