import type { Instant, Millis, Sample } from '@headroom/core';
import { durationMs } from '../autoscale-setting/duration.ts';
import { dimensionsOf, notDimensions } from './dimensions.ts';
import { isoInstant } from './iso-time.ts';
import { grainMaxMs } from './limits.ts';
import { complete } from './measurement.ts';
import { member } from './member-name.ts';
import { isExportForm } from './record.ts';
import type { RecordLayout } from './scan-record.ts';

/** Other names that make a record one of data collection rules. */
const collectionMembers = new Set(['Count', 'Total', 'Minimum', 'Maximum', 'Average']);

/**
 * Reads wanted records out of one message's bytes. Anything but a good record is undefined: let the
 * oracle read it.
 */
export class SampleReader {
  readonly #bytes: Buffer;
  // The records of a message mostly share their time and grain.
  #timeText = '';
  #time: Instant | undefined;
  #grainText = '';
  #grainMs: Millis | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  sampleOf(layout: RecordLayout, resourceEnd: number): Sample | undefined {
    if (layout.hasForeign || !layout.has(member.time) || !layout.has(member.timeGrain)) {
      return undefined;
    }
    const time = this.#timeOf(this.#textOf(layout, member.time));
    const grainMs = this.#grainOf(this.#textOf(layout, member.timeGrain));
    const dimensions = this.#dimensionsOf(layout);
    if (time === undefined || grainMs === undefined || dimensions === undefined) return undefined;
    const measurement = complete({
      count: this.#numberOf(layout, member.count),
      total: this.#numberOf(layout, member.total),
      minimum: this.#numberOf(layout, member.minimum),
      maximum: this.#numberOf(layout, member.maximum),
      average: this.#numberOf(layout, member.average),
    });
    if (typeof measurement === 'string') return undefined;
    const resource = this.#text(layout.begins[member.resourceId], resourceEnd).toLowerCase();
    const metric = this.#textOf(layout, member.metricName).toLowerCase();
    return { series: { resource, metric, dimensions }, time, grainMs, ...measurement };
  }

  formOf(layout: RecordLayout, resourceEnd: number): 'push' | 'export' {
    const resource = this.#text(layout.begins[member.resourceId], resourceEnd);
    return isExportForm(resource, this.#textOf(layout, member.time)) ? 'export' : 'push';
  }

  #dimensionsOf(layout: RecordLayout): Sample['series']['dimensions'] | undefined {
    const pairs: [string, string][] = [];
    for (let cell = 0; cell < 4 * layout.otherCount; cell += 4) {
      const name = this.#text(layout.others[cell], layout.others[cell + 1]);
      if (collectionMembers.has(name)) return undefined;
      if (notDimensions.has(name)) continue;
      pairs.push([name, this.#text(layout.others[cell + 2], layout.others[cell + 3])]);
    }
    const dimensions = dimensionsOf(pairs);
    return typeof dimensions === 'string' ? undefined : dimensions;
  }

  #timeOf(text: string): Instant | undefined {
    if (text !== this.#timeText) {
      this.#timeText = text;
      this.#time = isoInstant(text);
    }
    return this.#time;
  }

  #grainOf(text: string): Millis | undefined {
    if (text !== this.#grainText) {
      this.#grainText = text;
      const ms = durationMs(text) ?? 0;
      this.#grainMs = ms > 0 && ms <= grainMaxMs ? ms : undefined;
    }
    return this.#grainMs;
  }

  /** As JSON.parse reads it: the scanner has checked the grammar, and leaves exponents alone. */
  #numberOf(layout: RecordLayout, id: number): number | undefined {
    return layout.has(id) ? Number(this.#textOf(layout, id)) : undefined;
  }

  #textOf(layout: RecordLayout, id: number): string {
    return this.#text(layout.begins[id], layout.ends[id]);
  }

  #text(begin: number | undefined, end: number | undefined): string {
    return this.#bytes.toString('latin1', begin, end);
  }
}
