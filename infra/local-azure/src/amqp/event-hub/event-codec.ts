import * as enc from '../protocol/encode.ts';
import { Reader, asText } from '../protocol/values.ts';
import { SECTION, itemsWithout, sectionMap, splitSections } from '../message/sections.ts';
import type { Sections } from '../message/sections.ts';

/**
 * An offset is not a sequence number: it grows by this much per event, so that code which mixes the
 * two up is found out here and not in Azure, where offsets count bytes.
 */
const OFFSET_STEP = 64;
const PARTITION_KEY = 'x-opt-partition-key';

export function offsetOf(sequence: number): string {
  return String(sequence * OFFSET_STEP);
}

/** The first sequence number at (inclusive) or behind an offset. */
export function sequenceAtOffset(offset: number, inclusive: boolean): number {
  return inclusive ? Math.ceil(offset / OFFSET_STEP) : Math.floor(offset / OFFSET_STEP) + 1;
}

export interface Position {
  readonly sequence: number;
  readonly enqueuedMs: number;
}

export interface StampedEvents {
  readonly body: Buffer;
  readonly sizes: readonly number[];
}

const SEQUENCE_KEY = enc.symbol('x-opt-sequence-number');
const OFFSET_KEY = enc.symbol('x-opt-offset');
const TIME_KEY = enc.symbol('x-opt-enqueued-time');
const STAMPED = new Set(['x-opt-sequence-number', 'x-opt-offset', 'x-opt-enqueued-time']);
/** Descriptor, map constructor, size and count in front of annotations. */
const ANNOTATIONS_HEAD_BYTES = 12;
/** Keys, two numbers of 9 bytes, and an offset of at most 18 characters. */
const MAX_STAMP_BYTES =
  ANNOTATIONS_HEAD_BYTES + SEQUENCE_KEY.length + OFFSET_KEY.length + TIME_KEY.length + 38;

/**
 * The events as they are delivered, behind one another: the bytes that were sent, with positions
 * from `first` on put in. Written into one buffer, since a buffer for each part of each event costs
 * more than all the rest. Throws DecodeError when one of them is no encoded AMQP message.
 */
export function stampEvents(messages: readonly Buffer[], first: Position): StampedEvents {
  const room = messages.reduce((sum, message) => sum + message.length + MAX_STAMP_BYTES, 0);
  const body = Buffer.allocUnsafe(room);
  const sizes: number[] = [];
  let at = 0;
  for (const [index, message] of messages.entries()) {
    const position = { sequence: first.sequence + index, enqueuedMs: first.enqueuedMs };
    const end = writeStamped(body, at, splitSections(message), position);
    sizes.push(end - at);
    at = end;
  }
  return { body: body.subarray(0, at), sizes };
}

function writeStamped(into: Buffer, start: number, event: Sections, position: Position): number {
  const kept = itemsWithout(event.annotations, STAMPED);
  let at = start + event.header.copy(into, start);
  const annotations = at;
  at += ANNOTATIONS_HEAD_BYTES;
  for (const item of kept) at += item.copy(into, at);
  at += SEQUENCE_KEY.copy(into, at);
  at = writeWide(into, at, 0x81, position.sequence);
  at += OFFSET_KEY.copy(into, at);
  const offset = offsetOf(position.sequence);
  into[at] = 0xa1;
  into[at + 1] = offset.length;
  at += 2 + into.write(offset, at + 2, 'latin1');
  at += TIME_KEY.copy(into, at);
  at = writeWide(into, at, 0x83, position.enqueuedMs);
  writeMapHead(into, annotations, at, kept.length + 6);
  at += event.properties.copy(into, at);
  at += event.applicationProperties.copy(into, at);
  return at + event.body.copy(into, at);
}

/** The head of annotations that begin at `at` and end at `end`. */
function writeMapHead(into: Buffer, at: number, end: number, items: number): void {
  into[at] = 0x00;
  into[at + 1] = 0x53;
  into[at + 2] = SECTION.annotations;
  into[at + 3] = 0xd1;
  into.writeUInt32BE(end - at - 8, at + 4);
  into.writeUInt32BE(items, at + 8);
}

/** A long or a timestamp; both are of 53 bits at most here, and no big integer is needed. */
function writeWide(into: Buffer, at: number, code: number, value: number): number {
  into[at] = code;
  into.writeInt32BE(Math.floor(value / 0x1_0000_0000), at + 1);
  into.writeUInt32BE(value % 0x1_0000_0000, at + 5);
  return at + 9;
}

export function partitionKeyOf(message: Buffer): string | undefined {
  const { annotations } = splitSections(message);
  return asText(sectionMap(annotations).get(PARTITION_KEY));
}

/**
 * Puts what `trackLastEnqueuedEventProperties` asks for in front of a stamped event's annotations.
 */
export function withLastEnqueued(event: Buffer, last: Position, nowMs: number): Buffer[] {
  const annotations = enc.described(
    SECTION.deliveryAnnotations,
    enc.map([
      enc.symbol('last_enqueued_sequence_number'),
      enc.long(last.sequence),
      enc.symbol('last_enqueued_offset'),
      enc.text(offsetOf(last.sequence)),
      enc.symbol('last_enqueued_time_utc'),
      enc.timestamp(last.enqueuedMs),
      enc.symbol('runtime_info_retrieval_time_utc'),
      enc.timestamp(nowMs),
    ]),
  );
  const headerEnd = event[2] === SECTION.header ? new Reader(event).skip().length : 0;
  return [event.subarray(0, headerEnd), annotations, event.subarray(headerEnd)];
}
