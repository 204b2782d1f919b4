import { assert } from '@headroom/core';
import type { Frame, LogEvent } from '@headroom/core';
import { z } from 'zod';
import { contract, messageBytesMax, versionProblem } from '../contract.ts';
import { isObject, parseJson } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { observationSchema, outcomeSchema, startedSchema } from '../vocabulary/command.ts';
import { settingVersionSchema } from '../vocabulary/setting.ts';
import { FrameError, frameDocument, frameOf, orderProblem } from './frame.ts';

/** Longest event, in bytes. A message of Event Hubs may have 1 MiB with its annotations. */
export const eventBytesMax = 1_000_000;

/** Everything but frames (flat, by hand) and what could not be read (never written). */
type SmallEvent = Exclude<LogEvent, { readonly kind: 'frame' | 'unreadable' }>;

const smallEventSchema: z.ZodType<SmallEvent> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('setting'), version: settingVersionSchema }),
  z.object({ kind: z.literal('started'), started: startedSchema }),
  z.object({ kind: z.literal('outcome'), outcome: outcomeSchema }),
  z.object({ kind: z.literal('capacity'), observation: observationSchema }),
  z.object({ kind: z.literal('tick') }),
]);
/** A version of a setting goes on to the topic, with an id and an instant more. */
const recordBytesMax = 4_000;
const smallEvents = contract('log event', smallEventSchema, messageBytesMax - recordBytesMax);

/** The body of one message of the log. Asserts that it fits: see `encodeEventParts`. */
export function encodeEvent(event: LogEvent): Uint8Array {
  const bytes = bytesOf(event);
  assert(bytes.length <= eventBytesMax, `this ${event.kind} has ${bytes.length} bytes: split it`);
  return bytes;
}

/**
 * The bodies of the messages that an event needs: one, unless a frame of many distinct long names
 * is too long for a message. Its samples then go out as several frames, in order; where a frame
 * ends means nothing to the fold.
 */
export function encodeEventParts(event: LogEvent): readonly Uint8Array[] {
  const bytes = bytesOf(event);
  if (bytes.length <= eventBytesMax) return [bytes];
  assert(event.kind === 'frame', `this ${event.kind} has ${bytes.length} bytes`);
  return halvesOf(event).flatMap(encodeEventParts);
}

/** Never throws: what cannot be read is an event as well. */
export function decodeEvent(bytes: Uint8Array): LogEvent {
  const document = parseJson(bytes, eventBytesMax);
  if (!document.ok) return unreadable(document.error);
  const problem = versionProblem(document.value);
  if (problem !== undefined) return unreadable([problem]);
  if (isObject(document.value) && document.value['kind'] === 'frame') {
    return decodeFrame(document.value);
  }
  const event = smallEvents.decode(document.value);
  return event.ok ? event.value : unreadable(event.error);
}

function bytesOf(event: LogEvent): Uint8Array {
  assert(event.kind !== 'unreadable', 'an event that could not be read is never written again');
  if (event.kind !== 'frame') return smallEvents.encodeBytes(event);
  const problem = orderProblem(event);
  assert(problem === undefined, `cannot encode this frame: ${problem ?? ''}`);
  return Buffer.from(JSON.stringify(frameDocument(event)));
}

function halvesOf(frame: Frame): readonly Frame[] {
  const middle = frame.samples.length >> 1;
  const left = frame.samples.slice(0, middle);
  const right = frame.samples.slice(middle);
  const end = left.at(-1);
  const begin = right[0];
  assert(end !== undefined && begin !== undefined, 'one sample is too long for a message');
  return [
    { ...frame, last: end.position, samples: left },
    { ...frame, first: begin.position, samples: right },
  ];
}

function decodeFrame(document: JsonObject): LogEvent {
  try {
    return frameOf(document);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { kind: 'unreadable', problem: `frame: ${error.message}` };
  }
}

function unreadable(problems: readonly { field: string; message: string }[]): LogEvent {
  const told = problems.map(({ field, message }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  return { kind: 'unreadable', problem: told.join('; ') };
}
