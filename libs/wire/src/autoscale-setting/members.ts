import { targetId, targetIdLengthMax } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { z } from 'zod';
import { nameLengthMax } from '../vocabulary/lang.ts';
import { durationMs } from './duration.ts';

// What the members of an autoscale setting are made of. The words are for the setting's author.

/**
 * Strict reading says what is wrong with each member. Lenient reading puts a stand-in where a
 * member cannot be read (NaN for numbers: no comparison with it holds), so that the rest of the
 * setting can be judged in the same go.
 */
export type Soft = <T>(schema: z.ZodType<T>, standIn: NoInfer<T>) => z.ZodType<T>;

/** More entries than this are not looked at one by one; what is allowed is far less. */
export const listLengthMax = 1000;

/** Azure writes an empty text where it has nothing to say. */
export const textOrNothing = z
  .string('expected text')
  .max(nameLengthMax, `longer than ${nameLengthMax} characters`)
  .regex(/^\P{Cc}*$/u, 'control characters are not accepted');

export const text = (what: string, lengthMax = nameLengthMax) =>
  z
    .string(`expected ${what} as text`)
    .min(1, `empty: give ${what}`)
    .max(lengthMax, `longer than ${lengthMax} characters`)
    .regex(/^\P{Cc}*$/u, 'control characters are not accepted');

export const armId = (what: string) =>
  text(what, targetIdLengthMax)
    .regex(/^\s*\//, `expected ${what}: an ARM resource id, /subscriptions/…`)
    .transform((id): TargetId => targetId(id));

export const choice = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, `expected one of ${names.join(', ')}`);

export const flag = z.boolean('expected true or false');

/** ARM writes counts as text, "2"; people and some samples of Microsoft's write 2. */
export const count = z
  .union([z.string(), z.number()], 'expected a whole number, such as "2"')
  .transform((value) => (typeof value === 'string' ? value.trim() : value))
  .refine((value) => /^\d{1,9}$/.test(String(value)), 'expected a whole number, such as "2"')
  .transform(Number);

export const duration = z
  .string('expected an ISO 8601 duration, such as PT5M')
  .transform((value) => durationMs(value) ?? Number.NaN)
  .refine(
    (ms) => !Number.isNaN(ms),
    'expected an ISO 8601 duration, such as PT5M for five minutes, without months and years',
  );
