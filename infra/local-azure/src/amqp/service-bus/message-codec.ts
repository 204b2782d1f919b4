import { randomUUID } from 'node:crypto';
import { AmqpError, DecodeError, notSupported } from '../errors.ts';
import { BATCH_FORMAT, SECTION, sectionList, sectionMap } from '../message/sections.ts';
import { splitBatch, splitSections, withEntries, withProperty } from '../message/sections.ts';
import * as enc from '../protocol/encode.ts';
import { Uuid, asNumber } from '../protocol/values.ts';
import type { AmqpMap, AmqpValue } from '../protocol/values.ts';
import type { StoredMessage } from './bus-store.ts';

/** A message that was sent and is to be put somewhere. */
export interface Draft {
  /** The message without header and delivery annotations, and with a message id. */
  readonly body: Buffer;
  /** The message id as text, with its type, so that 1 and '1' differ. */
  readonly messageId: string;
  readonly ttlMs: number | undefined;
  readonly scheduledMs: number | undefined;
  /** The sequence number under which the message was first kept; its own unless given. */
  readonly enqueuedSequence?: number;
  /** How often the message was given out before; 0 unless given. */
  readonly deliveryCount?: number;
  /** What filters look at. */
  readonly properties: readonly AmqpValue[];
  readonly applicationProperties: AmqpMap;
}

/** Fields of AMQP's properties section. */
const EXPIRY_TIME = 8;
const CREATION_TIME = 9;
/** All properties of a message together. */
const MAX_HEAD_BYTES = 64 * 1024;
const SCHEDULED = 'x-opt-scheduled-enqueue-time';

/** The messages of one transfer. Throws DecodeError on bytes that are no AMQP message. */
export function readDrafts(payload: Buffer, format: number): Draft[] {
  return (format === BATCH_FORMAT ? splitBatch(payload) : [payload]).map(readSent);
}

/** A message as a client sends it. */
export function readSent(message: Buffer): Draft {
  ensureHeadFits(message);
  return readDraft(message);
}

/** One that was taken already: a dead letter's reason may have made its head larger than a sent one's. */
export function readDraft(message: Buffer): Draft {
  const sections = splitSections(message);
  const properties = sectionList(sections.properties);
  const annotations = sectionMap(sections.annotations);
  // What cannot be read is refused now, and not when it is dead-lettered.
  const applicationProperties = sectionMap(sections.applicationProperties);
  if (typeof properties[10] === 'string') throw notSupported('A session id on a message');
  const given = properties[0] ?? null;
  // The SDK's lock renewer fails on messages without an id: like Azure, we give one.
  const assigned = given === null ? randomUUID() : undefined;
  const withId =
    assigned === undefined
      ? sections.properties
      : withProperty(sections.properties, 0, enc.text(assigned));
  const scheduled = annotations.get(SCHEDULED);
  return {
    body: Buffer.concat([
      ...[sections.annotations, withId, sections.applicationProperties, sections.body],
    ]),
    messageId: idText(assigned ?? given),
    ttlMs: asNumber(sectionList(sections.header)[2]),
    scheduledMs: scheduled instanceof Date ? scheduled.getTime() : undefined,
    properties: assigned === undefined ? properties : [assigned, ...properties.slice(1)],
    applicationProperties,
  };
}

/** Like Azure, an entity shortens a time to live silently. */
export function withMaxTtl(draft: Draft, maxTtlMs: number | undefined): Draft {
  if (maxTtlMs === undefined || (draft.ttlMs ?? Infinity) <= maxTtlMs) return draft;
  const [createdAt, expiresAt] = [draft.properties[CREATION_TIME], draft.properties[EXPIRY_TIME]];
  if (!(createdAt instanceof Date) || !(expiresAt instanceof Date)) {
    return { ...draft, ttlMs: maxTtlMs };
  }
  // The SDK reads the time to live from these two, when they are there.
  const s = splitSections(draft.body);
  const expiry = enc.timestamp(createdAt.getTime() + maxTtlMs);
  const properties = withProperty(s.properties, EXPIRY_TIME, expiry);
  const body = Buffer.concat([s.annotations, properties, s.applicationProperties, s.body]);
  return { ...draft, body, ttlMs: maxTtlMs };
}

function ensureHeadFits(message: Buffer): void {
  const { annotations, properties, applicationProperties } = splitSections(message);
  const bytes = annotations.length + properties.length + applicationProperties.length;
  if (bytes <= MAX_HEAD_BYTES) return;
  throw new AmqpError(
    'amqp:link:message-size-exceeded',
    `The properties of the message take ${bytes} bytes; ${MAX_HEAD_BYTES} are allowed, as in ` +
      'Azure. Put what is large into the body.',
  );
}

/** With what a receiver adds; throws when the message's head would be larger than a sent one's may be. */
export function withReceiversProperties(body: Buffer, added: AmqpMap): Buffer {
  const whole = withApplicationProperties(body, added);
  ensureHeadFits(whole);
  return whole;
}

export function withApplicationProperties(body: Buffer, added: AmqpMap): Buffer {
  const s = splitSections(body);
  const entries = [...added].map(([key, value]) => [key, enc.encode(value)] as const);
  const properties = withEntries(s.applicationProperties, SECTION.applicationProperties, entries);
  return Buffer.concat([s.annotations, s.properties, properties, s.body]);
}

export function withAnnotation(body: Buffer, key: string, value: Buffer): Buffer {
  const s = splitSections(body);
  const annotations = withEntries(s.annotations, SECTION.annotations, [[key, value]]);
  return Buffer.concat([annotations, s.properties, s.applicationProperties, s.body]);
}

const STATE = { active: 0, deferred: 1, scheduled: 2 } as const;

/** The message as a receiver gets it. `lockedUntilMs` is undefined when it is not locked for it. */
export function encodeDelivery(
  message: StoredMessage,
  lockedUntilMs: number | undefined,
): Buffer[] {
  const sections = splitSections(message.body);
  const entries: [string, Buffer][] = [
    ['x-opt-sequence-number', enc.long(message.sequence)],
    ['x-opt-enqueue-sequence-number', enc.long(message.enqueuedSequence)],
    ['x-opt-enqueued-time', enc.timestamp(message.enqueuedMs)],
    ['x-opt-message-state', enc.int(stateOf(message))],
  ];
  if (lockedUntilMs !== undefined) {
    entries.push(['x-opt-locked-until', enc.timestamp(lockedUntilMs)]);
  }
  return [
    header(message),
    withEntries(sections.annotations, SECTION.annotations, entries),
    sections.properties,
    sections.applicationProperties,
    sections.body,
  ];
}

function stateOf({ scheduledMs, isDeferred }: StoredMessage): number {
  if (scheduledMs !== undefined) return STATE.scheduled;
  return isDeferred ? STATE.deferred : STATE.active;
}

/**
 * A lock token as delivery tag: the first three groups of the uuid are little-endian there (.NET).
 */
export function swapTokenBytes(token: Buffer): Buffer {
  const swapped = Buffer.from(token);
  for (const [start, end] of [
    [0, 4],
    [4, 6],
    [6, 8],
  ] as const) {
    swapped.subarray(start, end).reverse();
  }
  return swapped;
}

function header(message: StoredMessage): Buffer {
  const ttl = message.ttlMs === undefined ? enc.nil : enc.uint(message.ttlMs);
  const earlier = enc.uint(message.deliveryCount);
  return enc.described(
    SECTION.header,
    enc.list([enc.bool(true), enc.ubyte(4), ttl, enc.bool(false), earlier]),
  );
}

function idText(id: AmqpValue): string {
  if (typeof id === 'string') return `s:${id}`;
  if (typeof id === 'number' || typeof id === 'bigint') return `n:${id.toString()}`;
  if (id instanceof Uuid) return `u:${id.bytes.toString('hex')}`;
  if (Buffer.isBuffer(id)) return `b:${id.toString('hex')}`;
  throw new DecodeError('AMQP message: the message id has an unknown type');
}
