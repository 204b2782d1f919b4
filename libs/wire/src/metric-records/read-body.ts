import { keyHash } from '@headroom/core';
import type { WantedKey } from '@headroom/core';
import { bufferOf, isObject, textOf } from '../json.ts';
import type { DecodedMetrics, IndexedSample, RejectedText } from './decoded.ts';
import { recordBytesMax, recordsMax } from './limits.ts';
import { keyOf, readRecord } from './record.ts';
import type { ReadRecord } from './record.ts';

/**
 * The whole message by JSON.parse and zod: what the byte scanner must agree with, and what reads
 * the messages that it leaves alone. A message is an envelope `{"records":[…]}`, a record, an array
 * of either, or lines of these (NDJSON).
 */
export function readBody(bytes: Uint8Array, wanted: WantedKey): DecodedMetrics {
  const body = new BodyReader(wanted);
  const text = textOf(bytes).replace(/^\uFEFF/, '');
  const whole = parsed(text);
  if (whole.ok) body.document(whole.value);
  else body.lines(text, whole.reason);
  return body.result();
}

/** A message of which nothing is read. */
export function rejectedBody(bytes: Uint8Array, reason: string): DecodedMetrics {
  const begin = bufferOf(bytes).subarray(0, recordBytesMax).toString('utf8');
  return {
    samples: [],
    form: 'push',
    counts: { wanted: 0, unwanted: 0, notMetric: 0, rejected: 1 },
    rejected: [{ index: 0, reason, excerpt: excerptOf(begin) }],
  };
}

class BodyReader {
  readonly #wanted: WantedKey;
  readonly #samples: IndexedSample[] = [];
  readonly #rejected: RejectedText[] = [];
  #form: 'push' | 'export' = 'push';
  #unwanted = 0;
  #notMetric = 0;
  #index = 0;

  constructor(wanted: WantedKey) {
    this.#wanted = wanted;
  }

  document(value: unknown): void {
    for (const element of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      for (const record of recordsOf(element)) this.#record(record);
    }
  }

  /** One that is no JSON in any of its lines is one bad record, not as many as it has lines. */
  lines(text: string, reason: string): void {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const documents = lines.map((line) => ({ line, document: parsed(line) }));
    if (lines.length < 2 || !documents.some(({ document }) => isContainer(document))) {
      this.#reject(`this is not JSON: ${reason}`, text);
      return;
    }
    for (const { line, document } of documents) {
      if (document.ok) this.document(document.value);
      else this.#reject(`this line is not JSON: ${document.reason}`, line);
    }
  }

  result(): DecodedMetrics {
    return {
      samples: this.#samples,
      form: this.#form,
      counts: {
        wanted: this.#samples.length,
        unwanted: this.#unwanted,
        notMetric: this.#notMetric,
        rejected: this.#rejected.length,
      },
      rejected: this.#rejected,
    };
  }

  #record(record: unknown): void {
    this.#place(record, () => this.#judge(record));
  }

  #reject(reason: string, text: string): void {
    this.#place(text, () => ({ kind: 'rejected', reason }));
  }

  #place(record: unknown, judge: () => Judged): void {
    const index = this.#index++;
    if (index < recordsMax) this.#keep(index, judge(), record);
    else if (index === recordsMax) this.#rejected.push(tooMany);
  }

  #judge(record: unknown): Judged {
    if (!isObject(record)) return { kind: 'rejected', reason: 'a record: expected a JSON object' };
    if (!Object.hasOwn(record, 'metricName')) return { kind: 'nothing' };
    const key = keyOf(record);
    if (typeof key === 'string') return { kind: 'rejected', reason: key };
    const { high, low } = keyHash(key.resource, key.metric);
    if (!this.#wanted(high, low)) return { kind: 'unwanted' };
    if (Buffer.byteLength(compact(record)) > recordBytesMax) {
      return { kind: 'rejected', reason: `a record: longer than ${recordBytesMax} bytes` };
    }
    return readRecord(record, key);
  }

  #keep(index: number, judged: Judged, record: unknown): void {
    switch (judged.kind) {
      case 'sample':
        if (this.#samples.length === 0) this.#form = judged.form;
        this.#samples.push({ index, sample: judged.sample });
        return;
      case 'unwanted':
        this.#unwanted++;
        return;
      case 'nothing':
        this.#notMetric++;
        return;
      case 'rejected':
        this.#rejected.push({ index, reason: judged.reason, excerpt: excerptOf(record) });
    }
  }
}

type Judged = ReadRecord | { readonly kind: 'unwanted' };

/** Past the limit one record is rejected for all that follow. */
const tooMany: RejectedText = {
  index: recordsMax,
  reason: `a message: more than ${recordsMax} records; this one and those after it are not read`,
  excerpt: '',
};

type Parsed =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

function parsed(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function isContainer(document: Parsed): boolean {
  return document.ok && typeof document.value === 'object' && document.value !== null;
}

function recordsOf(element: unknown): readonly unknown[] {
  if (!isObject(element) || Object.hasOwn(element, 'metricName')) return [element];
  const { records } = element;
  return Array.isArray(records) ? (records as readonly unknown[]) : [element];
}

function excerptOf(record: unknown): string {
  const text = typeof record === 'string' ? record : compact(record);
  if (Buffer.byteLength(text) <= recordBytesMax) return text;
  // A character that the cut goes through becomes U+FFFD: it is left out.
  const cut = Buffer.from(text).subarray(0, recordBytesMax).toString('utf8');
  return cut.replace(/\uFFFD+$/, '');
}

/** JSON.parse reads any depth; JSON.stringify overflows the stack. */
function compact(record: unknown): string {
  try {
    return JSON.stringify(record);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return '(nested too deeply to be shown)';
  }
}
