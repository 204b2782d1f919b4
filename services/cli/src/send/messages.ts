import type { Millis } from '@headroom/core';
import { moveTime, recordTime } from './move-time.ts';
import type { ReadRecord } from './read-records.ts';
import type { SendReport } from './report.ts';

/** A message is small enough to be cheap to lose and large enough to be cheap to send. */
export const messageRecordsMax = 500;
export const messageBytesMax = 200_000;
/** Event Hubs takes messages of 1 MB with their properties. */
export const recordBytesMax = 1_000_000;

const head = '{"records":[';
const tail = ']}';
const encoder = new TextEncoder();

/**
 * The bodies `{"records":[…]}` that hold the records, times moved by `moveMs`. Records that cannot be sent are left out
 * and reported.
 */
export async function* messages(
  records: AsyncIterable<ReadRecord>,
  moveMs: Millis,
  report: SendReport,
): AsyncGenerator<Uint8Array> {
  let waiting: string[] = [];
  let bytes = 0;
  for await (const record of records) {
    const text = textToSend(record, moveMs, report);
    if (text === undefined) continue;
    const size = Buffer.byteLength(text) + 1;
    if (waiting.length > 0 && (bytes + size > messageBytesMax || isFull(waiting))) {
      yield bodyOf(waiting, report);
      waiting = [];
      bytes = 0;
    }
    waiting.push(text);
    bytes += size;
  }
  if (waiting.length > 0) yield bodyOf(waiting, report);
}

function textToSend(record: ReadRecord, moveMs: Millis, report: SendReport): string | undefined {
  const { value, text, line, problem } = record;
  if (value === undefined || problem !== undefined) {
    report.skip(line, `not sent, ${problem ?? 'it is no JSON object'}`);
    return undefined;
  }
  if (recordTime(value) === undefined) {
    report.skip(line, 'not sent, it has no "time" like 2026-11-21T09:03:00.0000000Z');
    return undefined;
  }
  const moved = moveTime(text, value, moveMs);
  if (Buffer.byteLength(moved) <= recordBytesMax - head.length - tail.length) return moved;
  report.skip(line, `not sent, it is longer than a message of ${recordBytesMax} bytes`);
  return undefined;
}

function isFull(waiting: readonly string[]): boolean {
  return waiting.length >= messageRecordsMax;
}

function bodyOf(waiting: readonly string[], report: SendReport): Uint8Array {
  report.send(waiting.length);
  return encoder.encode(head + waiting.join(',') + tail);
}
