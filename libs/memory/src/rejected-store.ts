import type { RejectedRecord, RejectedStore } from '@headroom/ports';

export class MemoryRejected implements RejectedStore {
  readonly #kept = new Map<string, RejectedRecord>();

  /** What is kept, in the order of its coming. */
  get records(): readonly RejectedRecord[] {
    return [...this.#kept.values()];
  }

  keep(records: readonly RejectedRecord[]): Promise<void> {
    for (const record of records) {
      const key = `${record.source}/${record.sequence}/${record.index}`;
      if (!this.#kept.has(key)) this.#kept.set(key, record);
    }
    return Promise.resolve();
  }
}
