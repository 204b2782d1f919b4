import type { KeyHasher } from '@headroom/core';
import { isDimensionAt } from './dimensions.ts';
import { member } from './member-name.ts';
import { othersMax, zeros } from './record-layout.ts';
import type { RecordLayout } from './record-layout.ts';

/** The resource, the metric, and a name and a value for each dimension. */
const namesMax = 2 + 2 * othersMax;

/** Where the texts lie that a record's series is known by, in the order of the record. */
export class SeriesNames {
  count = 0;
  byteLength = 0;
  readonly begins = zeros(namesMax);
  readonly ends = zeros(namesMax);

  take(bytes: Uint8Array, layout: RecordLayout): void {
    this.count = 0;
    this.byteLength = 0;
    this.#add(layout.begins[member.resourceId] ?? 0, layout.resourceEnd);
    this.#add(layout.begins[member.metricName] ?? 0, layout.ends[member.metricName] ?? 0);
    const { others } = layout;
    for (let cell = 0; cell < 4 * layout.otherCount; cell += 4) {
      const [begin, end] = [others[cell] ?? 0, others[cell + 1] ?? 0];
      if (!isDimensionAt(bytes, begin, end)) continue;
      this.#add(begin, end);
      this.#add(others[cell + 2] ?? 0, others[cell + 3] ?? 0);
    }
  }

  /** Goes on with a hash of the resource and the metric. */
  hashDimensions(view: DataView, hasher: KeyHasher): void {
    if (this.count === 2) return;
    for (let name = 2; name < this.count; name++) {
      hasher.bytes(view, this.begins[name] ?? 0, this.ends[name] ?? 0);
    }
    hasher.finish();
  }

  #add(begin: number, end: number): void {
    this.begins[this.count] = begin;
    this.ends[this.count++] = end;
    this.byteLength += end - begin;
  }
}
