import { KeyHasher } from '@headroom/core';
import type { WantedKey } from '@headroom/core';
import { bufferOf } from '../json.ts';
import type { DecodedMetrics, IndexedSample } from './decoded.ts';
import { byteAt, isPlain, numberEnd, skipSpace, stringEnd, surprise } from './json-bytes.ts';
import { metricLengthMax, recordBytesMax, recordsMax, resourceLengthMax } from './limits.ts';
import { member } from './member-name.ts';
import { messageBytes } from './message-bytes.ts';
import type { MessageBytes } from './message-bytes.ts';
import { RecordLayout } from './record-layout.ts';
import { RecordShape } from './record-shape.ts';
import { RecordScanner } from './scan-record.ts';
import { SampleReader } from './scan-sample.ts';

/** What a scanner keeps from message to message: none of it changes what a message means. */
export class ScanMemory {
  readonly layout = new RecordLayout();
  readonly shape = new RecordShape();
  readonly hasher = new KeyHasher();
  #samples: SampleReader | undefined;

  /** Made for the first record that is wanted. */
  get samples(): SampleReader {
    return (this.#samples ??= new SampleReader());
  }
}

/**
 * Walks a message's bytes once. Undefined where it holds anything unusual or anything to reject:
 * `readBody` is to read it, and agrees with this scanner on all that this one reads.
 */
export function scanBody(
  bytes: Uint8Array,
  wanted: WantedKey,
  memory = new ScanMemory(),
): DecodedMetrics | undefined {
  const buffer = bufferOf(bytes);
  if (!isPlain(buffer)) return undefined;
  const message = messageBytes(buffer);
  const whole = new BodyScanner(message, wanted, memory);
  if (whole.document(0, buffer.length)) return whole.result();
  if (!buffer.includes(newline)) return undefined;
  return scanLines(buffer, new BodyScanner(message, wanted, memory));
}

const newline = 10;
const slash = 47;

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
  readonly #message: MessageBytes;
  readonly #bytes: Uint8Array;
  readonly #wanted: WantedKey;
  readonly #memory: ScanMemory;
  readonly #records: RecordScanner;
  readonly #samples: IndexedSample[] = [];
  #form: 'push' | 'export' = 'push';
  #unwanted = 0;
  #notMetric = 0;
  #index = 0;

  constructor(message: MessageBytes, wanted: WantedKey, memory: ScanMemory) {
    this.#message = message;
    this.#bytes = message.bytes;
    this.#wanted = wanted;
    this.#memory = memory;
    this.#records = new RecordScanner(message, memory.layout, memory.shape);
  }

  line(begin: number, end: number): boolean {
    return skipSpace(this.#bytes, begin) >= end || this.document(begin, end);
  }

  /**
   * False: a surprise, and what was counted so far is to be thrown away. One that ends after `end`
   * is one as well.
   */
  document(begin: number, end: number): boolean {
    const at = this.#value(skipSpace(this.#bytes, begin));
    return at !== surprise && at <= end && skipSpace(this.#bytes, at) >= end;
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
    const isList = byteAt(this.#bytes, at) === 91;
    return isList ? this.#list(at, (brace) => this.#element(brace)) : this.#element(at);
  }

  /** `[` and elements that begin with a brace. Answers the position after `]`. */
  #list(from: number, element: (brace: number) => number): number {
    let at = skipSpace(this.#bytes, from + 1);
    if (byteAt(this.#bytes, at) === 93) return at + 1;
    for (;;) {
      at = element(at);
      if (at === surprise) return surprise;
      at = skipSpace(this.#bytes, at);
      const byte = byteAt(this.#bytes, at);
      if (byte === 93) return at + 1;
      if (byte !== 44) return surprise;
      at = skipSpace(this.#bytes, at + 1);
    }
  }

  /** An envelope whose first member is `records`, or a record. */
  #element(brace: number): number {
    const quote = skipSpace(this.#bytes, brace + 1);
    if (!this.#isName(quote, 'records')) return this.#record(brace);
    const colon = skipSpace(this.#bytes, quote + 9);
    const list = skipSpace(this.#bytes, colon + 1);
    if (byteAt(this.#bytes, brace) !== 123 || byteAt(this.#bytes, colon) !== 58) return surprise;
    if (byteAt(this.#bytes, list) !== 91) return surprise;
    const end = this.#list(list, (record) => this.#record(record));
    return end === surprise ? surprise : this.#envelopeEnd(end);
  }

  /** Passes over what Stream Analytics adds beside `records`. */
  #envelopeEnd(from: number): number {
    let at = skipSpace(this.#bytes, from);
    while (byteAt(this.#bytes, at) === 44) {
      const quote = skipSpace(this.#bytes, at + 1);
      if (this.#isName(quote, 'records') || this.#isName(quote, 'metricName')) return surprise;
      if (byteAt(this.#bytes, quote) !== 34) return surprise;
      const nameEnd = stringEnd(this.#bytes, this.#message.view, quote + 1);
      if (nameEnd === surprise) return surprise;
      const colon = skipSpace(this.#bytes, nameEnd + 1);
      if (byteAt(this.#bytes, colon) !== 58) return surprise;
      at = this.#scalarEnd(skipSpace(this.#bytes, colon + 1));
      if (at === surprise) return surprise;
      at = skipSpace(this.#bytes, at);
    }
    return byteAt(this.#bytes, at) === 125 ? at + 1 : surprise;
  }

  #scalarEnd(at: number): number {
    if (byteAt(this.#bytes, at) !== 34) return numberEnd(this.#bytes, this.#message.view, at);
    const end = stringEnd(this.#bytes, this.#message.view, at + 1);
    return end === surprise ? surprise : end + 1;
  }

  /** Whether the string whose quote is there is this name. */
  #isName(quote: number, name: string): boolean {
    if (byteAt(this.#bytes, quote) !== 34) return false;
    if (byteAt(this.#bytes, quote + name.length + 1) !== 34) return false;
    for (let i = 0; i < name.length; i++) {
      if (byteAt(this.#bytes, quote + 1 + i) !== name.charCodeAt(i)) return false;
    }
    return true;
  }

  #record(brace: number): number {
    if (byteAt(this.#bytes, brace) !== 123) return surprise;
    const end = this.#records.scan(brace);
    if (end === surprise || this.#index >= recordsMax) return surprise;
    return this.#count() ? end : surprise;
  }

  #count(): boolean {
    const { layout } = this.#memory;
    const index = this.#index++;
    if (!layout.has(member.metricName)) {
      this.#notMetric++;
      return true;
    }
    if (!this.#hasKey(layout)) return false;
    if (this.#isWanted(layout)) return this.#keep(index, layout);
    this.#unwanted++;
    return true;
  }

  #hasKey(layout: RecordLayout): boolean {
    const { begins, ends } = layout;
    const begin = begins[member.resourceId] ?? 0;
    let end = ends[member.resourceId] ?? 0;
    const metricLength = (ends[member.metricName] ?? 0) - (begins[member.metricName] ?? 0);
    const isKey =
      layout.has(member.resourceId) &&
      end - begin <= resourceLengthMax &&
      metricLength > 0 &&
      metricLength <= metricLengthMax;
    while (end > begin && this.#bytes[end - 1] === slash) end--;
    layout.resourceEnd = end;
    return isKey && end > begin;
  }

  #isWanted({ begins, ends, resourceEnd }: RecordLayout): boolean {
    const { view } = this.#message;
    const hash = this.#memory.hasher
      .reset()
      .bytes(view, begins[member.resourceId] ?? 0, resourceEnd)
      .bytes(view, begins[member.metricName] ?? 0, ends[member.metricName] ?? 0)
      .finish();
    return this.#wanted(hash.high, hash.low);
  }

  #keep(index: number, layout: RecordLayout): boolean {
    if (layout.end - layout.begin > recordBytesMax) return false;
    const { samples, hasher } = this.#memory;
    const sample = samples.sampleOf(this.#message, layout, hasher);
    if (sample === undefined) return false;
    if (this.#samples.length === 0) this.#form = samples.formOf(this.#message, layout);
    this.#samples.push({ index, sample });
    return true;
  }
}
