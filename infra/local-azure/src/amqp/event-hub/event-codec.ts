import * as enc from '../protocol/encode.ts';
import { Reader, asText } from '../protocol/values.ts';
import { SECTION, sectionMap, splitSections, withEntries } from '../message/sections.ts';

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

/** The event as it is delivered: the bytes that were sent, with its position put in. */
export function stampEvent(message: Buffer, position: Position): Buffer {
  const sections = splitSections(message);
  const annotations = withEntries(sections.annotations, SECTION.annotations, [
    ['x-opt-sequence-number', enc.long(position.sequence)],
    ['x-opt-offset', enc.text(offsetOf(position.sequence))],
    ['x-opt-enqueued-time', enc.timestamp(position.enqueuedMs)],
  ]);
  const { header, properties, applicationProperties, body } = sections;
  return Buffer.concat([header, annotations, properties, applicationProperties, body]);
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
