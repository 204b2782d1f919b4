import { assert, failed, hourMs, instant, isoOf, ok } from '@headroom/core';
import type { Instant, Override, Problem, Result } from '@headroom/core';
import { z } from 'zod';
import { spokenOwner, spokenReason } from './document-shapes.ts';
import { problemsOf, unknownMembers } from './json.ts';
import type { JsonObject } from './json.ts';
import { instancesMax } from './vocabulary/lang.ts';

// The overrides beside a setting in its document:
//
//     [{ "kind": "pin", "to": 3, "at": "2026-11-22T10:00:00.000Z",
//        "until": "2026-11-22T12:00:00.000Z", "owner": "ops", "reason": "drill" }]

/** Longest term. Whoever wants it for ever changes the setting. */
export const overrideTermMaxMs = 30 * 24 * hourMs;

/** `undefined` and `null`, where there never were any, are none. */
export function parseOverrides(document: unknown): Result<readonly Override[], readonly Problem[]> {
  const parsed = overridesSchema.safeParse(document ?? []);
  return parsed.success ? ok(parsed.data) : failed(problemsOf(parsed.error));
}

/** Asserts what `parseOverrides` demands. */
export function encodeOverrides(overrides: readonly Override[]): readonly JsonObject[] {
  const documents = overrides.map((override) => ({
    ...override,
    at: isoOf(override.at),
    until: isoOf(override.until),
  }));
  const parsed = parseOverrides(documents);
  const reason = parsed.ok ? '' : parsed.error.map(({ field, message }) => `${field}: ${message}`);
  assert(parsed.ok, `cannot encode these overrides: ${String(reason)}`);
  return documents;
}

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z$/;
const time = z
  .string('expected a time such as 2026-11-22T10:00:00Z')
  .refine(
    (value) => utc.test(value) && !Number.isNaN(Date.parse(value)),
    // What is no time is compared with nothing.
    { error: 'expected a time in UTC, such as 2026-11-22T10:00:00Z', abort: true },
  )
  .transform((value): Instant => instant(Date.parse(value)));

const term = {
  at: time,
  until: time,
  owner: spokenOwner('who wants it'),
  reason: spokenReason,
};
const names = ['kind', ...Object.keys(term)];
const countText = `expected a whole number of instances, 0 to ${instancesMax}`;
const to = z.int(countText).min(0, countText).max(instancesMax, countText);

const overrideSchema = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('pause'), ...term }, unknownMembers(names)),
      z.strictObject({ kind: z.literal('freeze'), ...term }, unknownMembers(names)),
      z.strictObject({ kind: z.literal('pin'), ...term, to }, unknownMembers([...names, 'to'])),
      z.strictObject({ kind: z.literal('confirm'), ...term }, unknownMembers(names)),
    ],
    'expected an override of kind pause, freeze, pin or confirm',
  )
  .refine(({ at, until }) => until > at, { path: ['until'], error: 'expected a time after at' })
  .refine(({ at, until }) => until - at <= overrideTermMaxMs, {
    path: ['until'],
    error: 'ends more than 30 days after it begins: choose less, or change the setting',
  });

const overridesSchema: z.ZodType<readonly Override[]> = z
  .array(overrideSchema, 'expected a list of overrides')
  .refine((all) => new Set(all.map(({ kind }) => kind)).size === all.length, {
    error: 'two overrides of one kind: the newer one replaces the older, keep that',
  });
