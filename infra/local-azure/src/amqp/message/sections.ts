import { DecodeError } from '../errors.ts';
import * as enc from '../protocol/encode.ts';
import { Described, Reader, asList, asMap } from '../protocol/values.ts';
import type { AmqpMap, AmqpValue } from '../protocol/values.ts';

export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  annotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
} as const;

/**
 * The parts of an encoded message as bytes, each with its descriptor. Nothing is decoded: what is
 * decoded and encoded again loses its AMQP types (a double 1.0 becomes a uint).
 */
export interface Sections {
  readonly header: Buffer;
  readonly annotations: Buffer;
  readonly properties: Buffer;
  readonly applicationProperties: Buffer;
  /** The body and everything behind it. */
  readonly body: Buffer;
}

const NONE = Buffer.alloc(0);

/** Throws DecodeError when `message` is no encoded AMQP message. */
export function splitSections(message: Buffer): Sections {
  const reader = new Reader(message);
  const found = new Map<number, Buffer>();
  while (reader.remaining > 0) {
    const start = reader.position;
    const code = sectionCode(message, start);
    if (code >= SECTION.data) break;
    found.set(code, reader.skip());
  }
  return {
    header: found.get(SECTION.header) ?? NONE,
    annotations: found.get(SECTION.annotations) ?? NONE,
    properties: found.get(SECTION.properties) ?? NONE,
    applicationProperties: found.get(SECTION.applicationProperties) ?? NONE,
    body: message.subarray(reader.position),
  };
}

export function sectionMap(section: Buffer): AmqpMap {
  return section.length === 0 ? asMap(undefined) : asMap(sectionValue(section));
}

export function sectionList(section: Buffer): readonly AmqpValue[] {
  return section.length === 0 ? [] : asList(sectionValue(section));
}

/**
 * An annotations or application properties section with `entries` put in; all else stays as it was.
 */
export function withEntries(
  section: Buffer,
  code: number,
  entries: readonly (readonly [key: string, value: Buffer])[],
): Buffer {
  const encodeKey = code === SECTION.applicationProperties ? enc.text : enc.symbol;
  const replaced = new Set(entries.map(([key]) => key));
  const items = rawItems(section);
  const kept: Buffer[] = [];
  for (let i = 0; i + 1 < items.length; i += 2) {
    const [key, value] = [items[i] ?? NONE, items[i + 1] ?? NONE];
    const name = new Reader(key).read();
    if (typeof name !== 'string' || !replaced.has(name)) kept.push(key, value);
  }
  const added = entries.flatMap(([key, value]) => [encodeKey(key), value]);
  return enc.described(code, enc.map([...kept, ...added]));
}

/** A properties section whose field `index` is `value`; the other fields stay as they were. */
export function withProperty(properties: Buffer, index: number, value: Buffer): Buffer {
  const items = rawItems(properties);
  while (items.length <= index) items.push(enc.nil);
  items[index] = value;
  return enc.described(SECTION.properties, enc.list(items));
}

/** The encoded messages inside a batch (format 0x80013700): one per data section. */
export function splitBatch(batch: Buffer): Buffer[] {
  const reader = new Reader(batch);
  const messages: Buffer[] = [];
  while (reader.remaining > 0) {
    const code = sectionCode(batch, reader.position);
    if (code !== SECTION.data) {
      reader.skip();
      continue;
    }
    const section = reader.read();
    const value = section instanceof Described ? section.value : undefined;
    if (!Buffer.isBuffer(value)) throw new DecodeError('AMQP batch: a part is not binary');
    messages.push(value);
  }
  return messages;
}

export const BATCH_FORMAT = 0x80013700;

/** A whole message, decoded: for requests to $cbs and $management. */
export interface DecodedMessage {
  readonly messageId: AmqpValue;
  readonly replyTo: AmqpValue;
  readonly applicationProperties: AmqpMap;
  readonly body: AmqpValue;
}

export function decodeMessage(message: Buffer): DecodedMessage {
  const sections = splitSections(message);
  const properties = sectionList(sections.properties);
  return {
    messageId: properties[0] ?? null,
    replyTo: properties[4] ?? null,
    applicationProperties: sectionMap(sections.applicationProperties),
    body: sections.body.length === 0 ? null : sectionValue(sections.body),
  };
}

function rawItems(section: Buffer): Buffer[] {
  if (section.length === 0) return [];
  const reader = new Reader(section, 1);
  reader.skip();
  const count = reader.enter();
  const items: Buffer[] = [];
  for (let i = 0; i < count; i++) items.push(reader.skip());
  return items;
}

function sectionValue(section: Buffer): AmqpValue {
  const value = new Reader(section).read();
  if (!(value instanceof Described)) throw new DecodeError('AMQP section without a descriptor');
  return value.value;
}

function sectionCode(message: Buffer, at: number): number {
  if (message[at] !== 0x00) throw new DecodeError('AMQP message: a section has no descriptor');
  if (message[at + 1] === 0x53) return message[at + 2] ?? 0;
  const code = new Reader(message, at + 1).read();
  if (typeof code !== 'number') throw new DecodeError('AMQP message: unknown kind of section');
  return code;
}
