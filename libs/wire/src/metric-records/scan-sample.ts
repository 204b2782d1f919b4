import type { Instant, KeyHasher, Millis, Sample, SeriesKey } from '@headroom/core';
import { durationMs } from '../autoscale-setting/duration.ts';
import { dimensionsOf, isDimensionAt } from './dimensions.ts';
import { isoInstant } from './iso-time.ts';
import { numberAt } from './json-bytes.ts';
import { LastText } from './last-text.ts';
import { grainMaxMs } from './limits.ts';
import { complete } from './measurement.ts';
import type { Measurement } from './measurement.ts';
import { member } from './member-name.ts';
import type { MessageBytes } from './message-bytes.ts';
import { isExportForm } from './record.ts';
import type { RecordLayout } from './record-layout.ts';
import { SeriesCache } from './series-cache.ts';
import { SeriesNames } from './series-names.ts';

/** Other names that make a record one of data collection rules. */
const collectionMembers = new Set(['Count', 'Total', 'Minimum', 'Maximum', 'Average']);

const timeAndGrain = (1 << member.time) | (1 << member.timeGrain);

/**
 * Reads wanted records. Anything but a good record is undefined: let the oracle read it. It keeps
 * what the next message will have in it again.
 */
export class SampleReader {
  readonly #series = new SeriesCache();
  readonly #names = new SeriesNames();
  readonly #times = new LastText<Instant | undefined>(isoInstant);
  readonly #grains = new LastText<Millis | undefined>(grainOf);

  /** `hasher` has just hashed the record's resource and metric. */
  sampleOf(message: MessageBytes, layout: RecordLayout, hasher: KeyHasher): Sample | undefined {
    if (layout.hasForeign || (layout.seen & timeAndGrain) !== timeAndGrain) return undefined;
    const { begins, ends } = layout;
    const time = this.#times.valueOf(message, begins[member.time] ?? 0, ends[member.time] ?? 0);
    const grain = member.timeGrain;
    const grainMs = this.#grains.valueOf(message, begins[grain] ?? 0, ends[grain] ?? 0);
    const series = this.#seriesOf(message, layout, hasher);
    if (time === undefined || grainMs === undefined || series === undefined) return undefined;
    const measured = measurementOf(message.bytes, layout);
    if (measured === undefined) return undefined;
    const { count, total, minimum, maximum } = measured;
    return { series, time, grainMs, count, total, minimum, maximum };
  }

  formOf({ bytes }: MessageBytes, layout: RecordLayout): 'push' | 'export' {
    const resource = textAt(bytes, layout.begins[member.resourceId], layout.resourceEnd);
    return isExportForm(resource, textOf(bytes, layout, member.time)) ? 'export' : 'push';
  }

  #seriesOf(
    { bytes, view }: MessageBytes,
    layout: RecordLayout,
    hasher: KeyHasher,
  ): SeriesKey | undefined {
    this.#names.take(bytes, layout);
    this.#names.hashDimensions(view, hasher);
    const known = this.#series.find(view, this.#names, hasher);
    if (known !== undefined) return known;
    const key = readSeries(bytes, layout);
    if (key !== undefined) this.#series.keep(bytes, this.#names, hasher, key);
    return key;
  }
}

function readSeries(bytes: Buffer, layout: RecordLayout): SeriesKey | undefined {
  const { begins, others, resourceEnd } = layout;
  const pairs: [string, string][] = [];
  for (let cell = 0; cell < 4 * layout.otherCount; cell += 4) {
    if (!isDimensionAt(bytes, others[cell] ?? 0, others[cell + 1] ?? 0)) continue;
    const name = textAt(bytes, others[cell], others[cell + 1]);
    if (collectionMembers.has(name)) return undefined;
    pairs.push([name, textAt(bytes, others[cell + 2], others[cell + 3])]);
  }
  const dimensions = dimensionsOf(pairs);
  if (typeof dimensions === 'string') return undefined;
  const resource = textAt(bytes, begins[member.resourceId], resourceEnd).toLowerCase();
  return { resource, metric: textOf(bytes, layout, member.metricName).toLowerCase(), dimensions };
}

function measurementOf(bytes: Buffer, layout: RecordLayout): Measurement | undefined {
  const count = numberOf(bytes, layout, member.count);
  const total = numberOf(bytes, layout, member.total);
  const minimum = numberOf(bytes, layout, member.minimum);
  const maximum = numberOf(bytes, layout, member.maximum);
  const average = numberOf(bytes, layout, member.average);
  const measurement = complete({ count, total, minimum, maximum, average });
  return typeof measurement === 'string' ? undefined : measurement;
}

function numberOf(bytes: Buffer, layout: RecordLayout, id: number): number | undefined {
  return layout.has(id) ? numberAt(bytes, layout.begins[id] ?? 0, layout.ends[id] ?? 0) : undefined;
}

function textOf(bytes: Buffer, layout: RecordLayout, id: number): string {
  return textAt(bytes, layout.begins[id], layout.ends[id]);
}

function textAt(bytes: Buffer, begin: number | undefined, end: number | undefined): string {
  return bytes.toString('latin1', begin, end);
}

function grainOf(text: string): Millis | undefined {
  const ms = durationMs(text) ?? 0;
  return ms > 0 && ms <= grainMaxMs ? ms : undefined;
}
