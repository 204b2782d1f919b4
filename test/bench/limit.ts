import { KeyHasher } from '@headroom/core';
import { LimitRecord, scanRecords } from './limit-scan.ts';
import { LimitRules } from './limit-rules.ts';
import type { LimitSetting } from './limit-rules.ts';
import { LimitWindows } from './limit-windows.ts';

/** The whole work, hand-written: bytes → scan → hash → slab → rule columns. */
export class Limit {
  readonly windows: LimitWindows;
  readonly rules: LimitRules;
  readonly #index: ByteIndex;
  readonly #record = new LimitRecord();
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(settings: readonly LimitSetting[], buckets: number) {
    this.#index = new ByteIndex(settings.length);
    this.windows = new LimitWindows(settings.length, buckets);
    this.rules = new LimitRules(settings);
    for (const { resource, metric } of settings) this.#index.add(resource, metric);
  }

  /** Reads a body's records into the windows; answers how many belong to a setting. */
  ingest(body: Uint8Array): number {
    const record = this.#record;
    let known = 0;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    scanRecords(body, record, () => {
      const series = this.#index.find(this.#view, record);
      if (series < 0) return;
      known++;
      this.windows.put(series, record);
    });
    return known;
  }

  get bytes(): number {
    return this.#index.bytes + this.windows.bytes + this.rules.bytes;
  }
}

const slotWords = 4;

/**
 * From a record's bytes to its series by a 64-bit hash of (resource, metric), one cache line a
 * look-up. The names are not kept: two of one hash would be one series.
 */
class ByteIndex {
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #hasher = new KeyHasher();
  #size = 0;

  constructor(series: number) {
    const slots = 2 ** Math.ceil(Math.log2(series * 1.5));
    this.#slots = new Int32Array(slots * slotWords).fill(-1);
    this.#mask = slots - 1;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  find(view: DataView, record: LimitRecord): number {
    const { high, low } = this.#hasher
      .reset()
      .bytes(view, record.resourceBegin, record.resourceEnd)
      .bytes(view, record.metricBegin, record.metricEnd)
      .finish();
    const slots = this.#slots;
    for (let slot = high & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * slotWords;
      const series = slots[at + 2] ?? -1;
      if (series < 0 || (slots[at] === high && slots[at + 1] === low)) return series;
    }
  }

  add(resource: string, metric: string): void {
    const bytes = Buffer.from(resource + metric, 'latin1');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { high, low } = this.#hasher
      .reset()
      .bytes(view, 0, resource.length)
      .bytes(view, resource.length, bytes.length)
      .finish();
    let slot = high & this.#mask;
    while ((this.#slots[slot * slotWords + 2] ?? 0) >= 0) slot = (slot + 1) & this.#mask;
    this.#slots.set([high, low, this.#size++], slot * slotWords);
  }
}
