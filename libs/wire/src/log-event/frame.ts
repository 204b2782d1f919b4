import { assert, instant, isAbove } from '@headroom/core';
import type {
  Dimensions,
  Frame,
  PositionedSample,
  SeriesKey,
  SourcePosition,
} from '@headroom/core';
import type { JsonObject } from '../json.ts';

/** Most samples of one frame. */
export const frameSamplesMax = 2000;

/**
 * A frame on the wire:
 *
 *     { v, kind, source, path, first: [sequence, index], last: [sequence, index],
 *       strings: [resource, metric, dimension name, value, …],       each once
 *       series:  [[resource, metric, name, value, name, value, …]],  indexes into `strings`
 *       samples: [series, sequence, index, time, grainMs, count, total, minimum, maximum, …] }
 *
 * Flat, and checked by hand: a frame has thousands of numbers, and it is read by every fold and
 * every replay.
 */
export function frameDocument(frame: Frame): JsonObject {
  const table = new SeriesTable();
  const samples: number[] = [];
  for (const { sample, position } of frame.samples) {
    samples.push(table.indexOf(sample.series), position.sequence, position.index);
    samples.push(sample.time, sample.grainMs);
    samples.push(sample.count, sample.total, sample.minimum, sample.maximum);
  }
  // JSON writes NaN and the infinities as null; no reader could tell what was meant.
  assert(samples.every(Number.isFinite), 'a frame has finite numbers only');
  return {
    v: 1,
    kind: 'frame',
    source: frame.source,
    path: frame.path,
    first: [frame.first.sequence, frame.first.index],
    last: [frame.last.sequence, frame.last.index],
    strings: table.strings,
    series: table.series,
    samples,
  };
}

/** Throws a `FrameError` that names the member. */
export function frameOf(document: JsonObject): Frame {
  const source = shortText(document['source'], 'source');
  const path = shortText(document['path'], 'path');
  const first = positionOf(document['first'], 'first');
  const last = positionOf(document['last'], 'last');
  const series = seriesOf(document['series'], document['strings']);
  const samples = samplesOf(document['samples'], series);
  const frame: Frame = { kind: 'frame', source, path, first, last, samples };
  const problem = orderProblem(frame);
  if (problem !== undefined) throw new FrameError(problem);
  return frame;
}

/**
 * What is wrong with the positions of a frame's samples: they grow, and lie within [first, last].
 */
export function orderProblem(frame: Frame): string | undefined {
  if (frame.samples.length > frameSamplesMax) {
    return `samples: ${frame.samples.length} are too many, at most ${frameSamplesMax} are accepted`;
  }
  let before: SourcePosition | undefined;
  for (const { position } of frame.samples) {
    if (before !== undefined && !isAbove(position, before)) return 'samples: positions do not grow';
    before = position;
  }
  const lowest = frame.samples[0]?.position ?? frame.first;
  const highest = before ?? frame.first;
  if (isAbove(frame.first, lowest)) return 'first: a sample lies before it';
  if (isAbove(highest, frame.last)) return 'last: a sample lies after it';
  return undefined;
}

export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Gives each series and each string a number, once. */
class SeriesTable {
  readonly strings: string[] = [];
  readonly series: number[][] = [];
  readonly #indexOfString = new Map<string, number>();
  readonly #indexOfKey = new Map<SeriesKey, number>();
  readonly #indexOfText = new Map<string, number>();

  /** Samples of one router share key objects, so that the text is seldom made. */
  indexOf(key: SeriesKey): number {
    const known = this.#indexOfKey.get(key);
    if (known !== undefined) return known;
    const parts = [key.resource, key.metric, ...key.dimensions.flat()];
    const row = parts.map((part) => this.#string(part));
    const text = row.join(' ');
    const index = this.#indexOfText.get(text) ?? this.series.push(row) - 1;
    this.#indexOfText.set(text, index);
    this.#indexOfKey.set(key, index);
    return index;
  }

  #string(text: string): number {
    const index = this.#indexOfString.get(text) ?? this.strings.push(text) - 1;
    this.#indexOfString.set(text, index);
    return index;
  }
}

const rowLength = 9;

function samplesOf(value: unknown, series: readonly SeriesKey[]): readonly PositionedSample[] {
  const row = numbers(value, 'samples');
  if (row.length % rowLength !== 0) {
    throw new FrameError(`samples: ${row.length} numbers are not a multiple of ${rowLength}`);
  }
  const samples: PositionedSample[] = [];
  for (let at = 0; at < row.length; at += rowLength) {
    const key = series[cell(row, at)];
    if (key === undefined) throw new FrameError(`samples[${at}]: no such series`);
    samples.push({
      position: { sequence: cell(row, at + 1), index: cell(row, at + 2) },
      sample: {
        series: key,
        time: instant(cell(row, at + 3)),
        grainMs: cell(row, at + 4),
        count: cell(row, at + 5),
        total: cell(row, at + 6),
        minimum: cell(row, at + 7),
        maximum: cell(row, at + 8),
      },
    });
  }
  return samples;
}

function seriesOf(value: unknown, table: unknown): readonly SeriesKey[] {
  if (!Array.isArray(value)) throw new FrameError('series: expected an array');
  if (!Array.isArray(table)) throw new FrameError('strings: expected an array');
  const strings: readonly unknown[] = table;
  const text = (index: number): string => {
    const found = strings[index];
    if (typeof found !== 'string') throw new FrameError(`strings[${index}]: expected a string`);
    return found;
  };
  return value.map((entry, at) => {
    const row = numbers(entry, `series[${at}]`);
    if (row.length < 2 || row.length % 2 !== 0) {
      throw new FrameError(`series[${at}]: expected resource, metric and pairs`);
    }
    const dimensions: Dimensions = Array.from({ length: row.length / 2 - 1 }, (_, pair) => [
      text(cell(row, 2 * pair + 2)),
      text(cell(row, 2 * pair + 3)),
    ]);
    return { resource: text(cell(row, 0)), metric: text(cell(row, 1)), dimensions };
  });
}

function positionOf(value: unknown, field: string): SourcePosition {
  const pair = numbers(value, field);
  if (pair.length !== 2) throw new FrameError(`${field}: expected [sequence, index]`);
  return { sequence: cell(pair, 0), index: cell(pair, 1) };
}

function numbers(value: unknown, field: string): readonly number[] {
  if (!Array.isArray(value)) throw new FrameError(`${field}: expected an array of numbers`);
  const cells: readonly unknown[] = value;
  for (const found of cells) {
    if (!Number.isFinite(found)) throw new FrameError(`${field}: expected finite numbers`);
  }
  // Each of them was looked at above.
  return cells as readonly number[];
}

/** `numbers` has checked the length's cells; a hole would be this module's own error. */
function cell(row: readonly number[], index: number): number {
  const value = row[index];
  assert(value !== undefined, `a frame's row has no cell ${index}`);
  return value;
}

function shortText(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new FrameError(`${field}: expected a text`);
  }
  return value;
}
