import type { FoldSnapshot } from '@headroom/core';
import type { LogIdentity, SnapshotStore } from '@headroom/ports';

/** Snapshots kept of each partition. */
export const snapshotsKept = 2;

/** Keeps copies: what the fold does to its state afterwards does not reach them. */
export class MemorySnapshots implements SnapshotStore {
  readonly #kept = new Map<string, readonly FoldSnapshot[]>();

  load(log: LogIdentity, partition: number, atMost: number): Promise<FoldSnapshot | undefined> {
    return Promise.resolve(structuredClone(this.#newest(log, partition, atMost)));
  }

  newest(log: LogIdentity, partition: number, atMost: number): Promise<number | undefined> {
    return Promise.resolve(this.#newest(log, partition, atMost)?.sequence);
  }

  save(log: LogIdentity, partition: number, snapshot: FoldSnapshot): Promise<void> {
    const key = keyOf(log, partition);
    const others = this.#of(key).filter((kept) => kept.sequence !== snapshot.sequence);
    const sorted = [...others, structuredClone(snapshot)].sort((a, b) => a.sequence - b.sequence);
    this.#kept.set(key, sorted.slice(-snapshotsKept));
    return Promise.resolve();
  }

  #newest(log: LogIdentity, partition: number, atMost: number): FoldSnapshot | undefined {
    return this.#of(keyOf(log, partition)).findLast((kept) => kept.sequence <= atMost);
  }

  #of(key: string): readonly FoldSnapshot[] {
    return this.#kept.get(key) ?? [];
  }
}

function keyOf(log: LogIdentity, partition: number): string {
  return `${log.logId}/${partition}`;
}
