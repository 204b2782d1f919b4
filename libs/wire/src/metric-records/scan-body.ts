import { KeyHasher } from '@headroom/core';
import type { WantedKey } from '@headroom/core';
import { bufferOf } from '../json.ts';
import type { DecodedMetrics, IndexedSample } from './decoded.ts';
import { byteAt, isPlain, numberEnd, skipSpace, stringEnd, surprise } from './json-bytes.ts';
import { metricLengthMax, recordBytesMax, recordsMax, resourceLengthMax } from './limits.ts';
import { member } from './member-name.ts';
import { RecordLayout, scanRecord } from './scan-record.ts';
import { SampleReader } from './scan-sample.ts';

/**
 * Walks a message's bytes once. Undefined where it holds anything unusual or anything to reject:
 * `readBody` is to read it, and agrees with this scanner on all that this one reads.
 */
export function scanBody(bytes: Uint8Array, wanted: WantedKey): DecodedMetrics | undefined {
  const buffer = bufferOf(bytes);
  if (!isPlain(buffer)) return undefined;
  const whole = new BodyScanner(buffer, wanted);
  if (whole.document(0, buffer.length)) return whole.result();
  if (!buffer.includes(newline)) return undefined;
  return scanLines(buffer, new BodyScanner(buffer, wanted));
}

const newline = 10;

/** NDJSON. An ordinary document over several lines ends here at its first one. */
function scanLines(buffer: Buffer, scanner: BodyScanner): DecodedMetrics | undefined {
  for (let begin = 0; begin < buffer.length;) {
    const found = buffer.indexOf(newline, begin);
    const end = found < 0 ? buffer.length : found;
    if (!scanner.line(begin, end)) return undefined;
    begin = end + 1;
  }
  return scanner.result();
}

class BodyScanner {
  readonly #wanted: WantedKey;
  readonly #hasher = new KeyHasher();
  readonly #layout = new RecordLayout();
  readonly #samples: IndexedSample[] = [];
  readonly #reader: SampleReader;
  readonly #view: DataView;
  #form: 'push' | 'export' = 'push';
  #unwanted = 0;
  #notMetric = 0;
  #index = 0;

  constructor(buffer: Buffer, wanted: WantedKey) {
    this.#wanted = wanted;
    this.#reader = new SampleReader(buffer);
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  line(begin: number, end: number): boolean {
    return skipSpace(this.#view, begin) >= end || this.document(begin, end);
  }

  /**
   * False: a surprise, and what was counted so far is to be thrown away. One that ends after `end`
   * is one as well.
   */
  document(begin: number, end: number): boolean {
    const at = this.#value(skipSpace(this.#view, begin));
    return at !== surprise && at <= end && skipSpace(this.#view, at) >= end;
  }

  result(): DecodedMetrics {
    return {
      samples: this.#samples,
      form: this.#form,
      counts: {
        wanted: this.#samples.length,
        unwanted: this.#unwanted,
        notMetric: this.#notMetric,
        rejected: 0,
      },
      rejected: [],
    };
  }

  #value(at: number): number {
    const isList = byteAt(this.#view, at) === 91;
    return isList ? this.#list(at, (brace) => this.#element(brace)) : this.#element(at);
  }

  /** `[` and elements that begin with a brace. Answers the position after `]`. */
  #list(from: number, element: (brace: number) => number): number {
    const view = this.#view;
    let at = skipSpace(view, from + 1);
    if (byteAt(view, at) === 93) return at + 1;
    for (;;) {
      at = element(at);
      if (at === surprise) return surprise;
      at = skipSpace(view, at);
      const byte = byteAt(view, at);
      if (byte === 93) return at + 1;
      if (byte !== 44) return surprise;
      at = skipSpace(view, at + 1);
    }
  }

  /** An envelope whose first member is `records`, or a record. */
  #element(brace: number): number {
    const view = this.#view;
    const quote = skipSpace(view, brace + 1);
    if (!this.#isName(quote, 'records')) return this.#record(brace);
    const colon = skipSpace(view, quote + 9);
    const list = skipSpace(view, colon + 1);
    if (byteAt(view, brace) !== 123 || byteAt(view, colon) !== 58) return surprise;
    if (byteAt(view, list) !== 91) return surprise;
    const end = this.#list(list, (record) => this.#record(record));
    return end === surprise ? surprise : this.#envelopeEnd(end);
  }

  /** Passes over what Stream Analytics adds beside `records`. */
  #envelopeEnd(from: number): number {
    const view = this.#view;
    let at = skipSpace(view, from);
    while (byteAt(view, at) === 44) {
      const quote = skipSpace(view, at + 1);
      if (this.#isName(quote, 'records') || this.#isName(quote, 'metricName')) return surprise;
      if (byteAt(view, quote) !== 34) return surprise;
      const nameEnd = stringEnd(view, quote + 1);
      if (nameEnd === surprise) return surprise;
      const colon = skipSpace(view, nameEnd + 1);
      if (byteAt(view, colon) !== 58) return surprise;
      at = this.#scalarEnd(skipSpace(view, colon + 1));
      if (at === surprise) return surprise;
      at = skipSpace(view, at);
    }
    return byteAt(view, at) === 125 ? at + 1 : surprise;
  }

  #scalarEnd(at: number): number {
    if (byteAt(this.#view, at) !== 34) return numberEnd(this.#view, at);
    const end = stringEnd(this.#view, at + 1);
    return end === surprise ? surprise : end + 1;
  }

  /** Whether the string whose quote is there is this name. */
  #isName(quote: number, name: string): boolean {
    if (byteAt(this.#view, quote) !== 34) return false;
    if (byteAt(this.#view, quote + name.length + 1) !== 34) return false;
    for (let i = 0; i < name.length; i++) {
      if (byteAt(this.#view, quote + 1 + i) !== name.charCodeAt(i)) return false;
    }
    return true;
  }

  #record(brace: number): number {
    if (byteAt(this.#view, brace) !== 123) return surprise;
    const end = scanRecord(this.#view, brace, this.#layout);
    if (end === surprise || this.#index >= recordsMax) return surprise;
    return this.#count() ? end : surprise;
  }

  #count(): boolean {
    const layout = this.#layout;
    const index = this.#index++;
    if (!layout.has(member.metricName)) {
      this.#notMetric++;
      return true;
    }
    const resourceEnd = this.#resourceEnd();
    if (resourceEnd === surprise) return false;
    if (!this.#isWanted(resourceEnd)) {
      this.#unwanted++;
      return true;
    }
    return this.#keep(index, resourceEnd);
  }

  /** The end of the id without slashes, or a surprise where there is no good key. */
  #resourceEnd(): number {
    const { begins, ends } = this.#layout;
    const begin = begins[member.resourceId] ?? 0;
    let end = ends[member.resourceId] ?? 0;
    const metricLength = (ends[member.metricName] ?? 0) - (begins[member.metricName] ?? 0);
    const isKey =
      this.#layout.has(member.resourceId) &&
      end - begin <= resourceLengthMax &&
      metricLength > 0 &&
      metricLength <= metricLengthMax;
    if (!isKey) return surprise;
    while (end > begin && byteAt(this.#view, end - 1) === 47) end--;
    return end > begin ? end : surprise;
  }

  #isWanted(resourceEnd: number): boolean {
    const { begins, ends } = this.#layout;
    const hash = this.#hasher
      .reset()
      .bytes(this.#view, begins[member.resourceId] ?? 0, resourceEnd)
      .bytes(this.#view, begins[member.metricName] ?? 0, ends[member.metricName] ?? 0)
      .finish();
    return this.#wanted(hash.high, hash.low);
  }

  #keep(index: number, resourceEnd: number): boolean {
    const layout = this.#layout;
    if (layout.end - layout.begin > recordBytesMax) return false;
    const sample = this.#reader.sampleOf(layout, resourceEnd);
    if (sample === undefined) return false;
    if (this.#samples.length === 0) this.#form = this.#reader.formOf(layout, resourceEnd);
    this.#samples.push({ index, sample });
    return true;
  }
}
