import { secondMs } from '@headroom/core';
import type { Millis } from '@headroom/core';
import { z } from 'zod';
import { spokenDurationMs } from './autoscale-setting/duration.ts';
import { unknownMembers } from './json.ts';

// What the documents that people write have in common.

export function oneOf<const Names extends readonly string[]>(names: Names) {
  return z.enum(names, `expected one of ${names.join(', ')}`);
}

/** An object that has these members and no others: a misspelt one would silently mean its default. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, unknownMembers(Object.keys(shape)));
}

/** A time of a second or more. */
export const spokenTime = z
  .string('expected a time such as PT10M')
  .transform((given, context): Millis => {
    const ms = spokenDurationMs(given);
    if (ms !== undefined && ms >= secondMs) return ms;
    const message = 'expected a time of a second or more, such as PT10M or 10m';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const ownerLengthMax = 100;
const reasonLengthMax = 500;

const spoken = (what: string, lengthMax: number) =>
  z
    .string(`expected ${what} as text`)
    .trim()
    .min(1, `empty: say ${what}`)
    .max(lengthMax, `longer than ${lengthMax} characters`)
    .regex(/^\P{Cc}*$/u, 'line breaks and other control characters are not accepted');

/** Who stands behind something. */
export const spokenOwner = (what: string) => spoken(what, ownerLengthMax);
/** And why, in a sentence. */
export const spokenReason = spoken('why', reasonLengthMax);
