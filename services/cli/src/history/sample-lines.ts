import { gunzip, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { Sample, SeriesKey } from '@headroom/core';
import { durationIso, MetricDecoder } from '@headroom/wire';

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** The records compress twentyfold at any level: the fastest one. */
const level = 1;
/** Largest file that is unzipped, in bytes of text: a day of a setting has a few megabytes. */
const textBytesMax = 1_000_000_000;
/** Bytes that are decoded in one go: a message of the hub is no larger. */
const pieceBytesMax = 1_000_000;
const newline = 10;

/**
 * Samples as lines of gzipped NDJSON: metric records as Azure Monitor writes them, which `headroom send` takes too. They rise in
 * time: what is read next mostly has the time of what was read before, and a reader that remembers it is twice as fast.
 */
export function zippedLines(samples: readonly Sample[]): Promise<Buffer> {
  const lines = new LineWriter();
  const rising = samples.toSorted((a, b) => a.time - b.time);
  return zip(rising.map((sample) => lines.line(sample)).join(''), { level });
}

/** A line that is no metric record, or one of which nothing can be read. */
export interface BadLine {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

export interface ReadLines {
  /** In the order of the file. */
  readonly samples: readonly Sample[];
  readonly bad: readonly BadLine[];
}

/** Reads what `zippedLines` wrote, or any NDJSON of Azure Monitor's records, zipped or not. */
export async function readLines(bytes: Buffer): Promise<ReadLines> {
  const text = isZipped(bytes) ? await unzip(bytes, { maxOutputLength: textBytesMax }) : bytes;
  const decoder = new MetricDecoder();
  const samples: Sample[] = [];
  const bad: BadLine[] = [];
  let line = 0;
  for (const piece of piecesOf(text)) {
    const { samples: found, rejected, counts } = decoder.decode(piece, () => true);
    if (rejected.length > 0 || counts.notMetric > 0) {
      const slow = lineByLine(piece, line, decoder);
      samples.push(...slow.samples);
      bad.push(...slow.bad);
    } else {
      for (const { sample } of found) samples.push(sample);
    }
    line += linesOf(piece);
  }
  return { samples, bad };
}

export function isZipped(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** One by one, so that what is wrong can be named. */
function lineByLine(piece: Buffer, before: number, decoder: MetricDecoder): ReadLines {
  const samples: Sample[] = [];
  const bad: BadLine[] = [];
  for (let begin = 0, line = before + 1; begin < piece.length; line++) {
    const end = endOfLine(piece, begin);
    const one = piece.subarray(begin, end);
    begin = end + 1;
    if (isBlank(one)) continue;
    const { samples: found, rejected, counts } = decoder.decode(one, () => true);
    for (const { sample } of found) samples.push(sample);
    for (const { reason } of rejected) bad.push({ line, why: reason });
    if (counts.notMetric > 0) bad.push({ line, why: 'it is no record of a metric with values' });
  }
  return { samples, bad };
}

function isBlank(line: Buffer): boolean {
  return line.toString('utf8').trim() === '';
}

/** Whole lines, together no longer than a message. */
function* piecesOf(text: Buffer): Generator<Buffer> {
  for (let begin = 0; begin < text.length;) {
    const most = begin + pieceBytesMax;
    const last = most >= text.length ? text.length : text.lastIndexOf(newline, most) + 1;
    const end = last > begin ? last : endOfLine(text, begin) + 1;
    yield text.subarray(begin, end);
    begin = end;
  }
}

function endOfLine(text: Buffer, begin: number): number {
  const found = text.indexOf(newline, begin);
  return found < 0 ? text.length : found;
}

function linesOf(piece: Buffer): number {
  let lines = 0;
  for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) lines++;
  return lines;
}

/** What repeats from line to line is made once. */
class LineWriter {
  readonly #series = new Map<SeriesKey, string>();
  readonly #times = new Map<number, string>();

  line({ series, time, grainMs, count, total, minimum, maximum }: Sample): string {
    const numbers = `"count":${count},"total":${total},"minimum":${minimum},"maximum":${maximum}`;
    return `{${numbers},${this.#key(series)},"time":"${this.#time(time)}","timeGrain":"${durationIso(grainMs)}"}\n`;
  }

  #key(series: SeriesKey): string {
    const known = this.#series.get(series);
    if (known !== undefined) return known;
    const { resource, metric, dimensions } = series;
    // The last one counts: a dimension may be called anything.
    const members = { ...Object.fromEntries(dimensions), resourceId: resource, metricName: metric };
    const text = JSON.stringify(members).slice(1, -1);
    this.#series.set(series, text);
    return text;
  }

  #time(time: number): string {
    const known = this.#times.get(time);
    if (known !== undefined) return known;
    const text = new Date(time).toISOString();
    this.#times.set(time, text);
    return text;
  }
}
