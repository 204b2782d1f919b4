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
  footer: 0x78,
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

const NONE: Buffer = Buffer.alloc(0);
const NO_ITEMS: readonly Buffer[] = [];

/**
 * Throws DecodeError when `message` is no encoded AMQP message. Values are stepped over, not
 * decoded: what is inside an application's body is its own affair.
 */
export function splitSections(message: Buffer): Sections {
  const reader = new Reader(message);
  let [header, annotations, properties, applicationProperties] = [NONE, NONE, NONE, NONE];
  let body = message.length;
  while (reader.remaining > 0) {
    const start = reader.position;
    const code = sectionCode(message, start);
    const section = reader.skip();
    if (code >= SECTION.data || body < message.length) body = Math.min(body, start);
    else if (code === SECTION.header) header = section;
    else if (code === SECTION.annotations) annotations = section;
    else if (code === SECTION.properties) properties = section;
    else if (code === SECTION.applicationProperties) applicationProperties = section;
  }
  return { header, annotations, properties, applicationProperties, body: message.subarray(body) };
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
  const kept = itemsWithout(section, new Set(entries.map(([key]) => key)));
  const added = entries.flatMap(([key, value]) => [encodeKey(key), value]);
  return enc.described(code, enc.map([...kept, ...added]));
}

/** The encoded keys and values of a section, in turn, but for the entries of these names. */
export function itemsWithout(section: Buffer, names: ReadonlySet<string>): readonly Buffer[] {
  if (section.length === 0) return NO_ITEMS;
  const items = rawItems(section);
  const kept: Buffer[] = [];
  for (let i = 0; i + 1 < items.length; i += 2) {
    const [key, value] = [items[i] ?? NONE, items[i + 1] ?? NONE];
    const name = new Reader(key).read();
    if (typeof name !== 'string' || !names.has(name)) kept.push(key, value);
  }
  return kept;
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
  /** As it was encoded: a reply carries it back, whatever its type. */
  readonly messageId: Buffer;
  readonly replyTo: AmqpValue;
  readonly applicationProperties: AmqpMap;
  readonly body: AmqpValue;
}

export function decodeMessage(message: Buffer): DecodedMessage {
  const sections = splitSections(message);
  const properties = sectionList(sections.properties);
  return {
    messageId: rawItems(sections.properties)[0] ?? enc.nil,
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
  const code = message[at + 1] === 0x53 ? message[at + 2] : new Reader(message, at + 1).read();
  if (typeof code !== 'number' || code < SECTION.header || code > SECTION.footer) {
    throw new DecodeError('AMQP message: unknown kind of section');
  }
  return code;
}
