import { minuteMs, reasons, secondMs } from '@headroom/core';
import type { Millis } from '@headroom/core';
import { z } from 'zod';
import { didYouMean } from './closest.ts';
import { dimensionsMax, entriesMax, grainMax } from './limits.ts';
import { samplePaths } from './scale-test.ts';
import { parseSeries } from './series-notation.ts';
import { parseSpan } from './span.ts';

// What the documents of scale tests have in common. Strict: a misspelt key would be an expectation that is never looked at.

export const span = (what: string, leastMs: Millis = 0, mostMs = Infinity) =>
  z
    .union([z.string(), z.literal(0)], `expected ${what} such as 10m, 10m30s or PT5M`)
    .transform((text, context): Millis => {
      const ms = text === 0 ? 0 : parseSpan(text);
      const problem =
        ms === undefined
          ? `"${text}" is no time: write 10m, 10m30s, 1h30m, 2d or PT5M, at most 400d`
          : ms < leastMs || ms > mostMs
            ? `${text} is too ${ms < leastMs ? 'short' : 'long'} for ${what}`
            : undefined;
      if (ms !== undefined && problem === undefined) return ms;
      context.addIssue({ code: 'custom', message: problem ?? '' });
      return z.NEVER;
    });

export const value = z.number('expected a number');
export const at = span('the time since the start');
export const grain = span('a grain', secondMs, grainMax);

export const choice = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, {
    error: ({ input }) =>
      `expected one of ${names.join(', ')}${typeof input === 'string' ? didYouMean(input, names) : ''}`,
  });

/** Keys and nothing else. */
export const mapping = <Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `expected ${what} with its keys`;
      const names = Object.keys(shape);
      const told = issue.keys.map((key) => `"${key}"${didYouMean(key, names)}`).join(', ');
      return `unknown key ${told}: known are ${names.join(', ')}`;
    },
  });

export const list = <Item extends z.ZodType>(what: string, item: Item) =>
  z.array(item, `expected a list of ${what}`).max(entriesMax, `more than ${entriesMax} ${what}`);

const dimensions = z
  .record(
    z.string().regex(/^[^=\p{Cc}]+$/u, 'a name has no "=" and no control characters'),
    z
      .union([z.string(), z.number(), z.boolean()], 'expected a text')
      .transform(String)
      .refine((text) => !/\p{Cc}/u.test(text), 'control characters are not accepted'),
    'expected dimensions such as { instanceId: a }',
  )
  .refine((table) => Object.keys(table).length <= dimensionsMax, `more than ${dimensionsMax}`)
  .refine((table) => {
    const names = Object.keys(table).map((name) => name.toLowerCase());
    return new Set(names).size === names.length;
  }, 'a dimension is given twice');

const origin = {
  metric: z
    .string('expected the name of a metric')
    .min(1, 'empty: name a metric')
    .max(260, 'longer than 260 characters')
    .regex(/^\P{Cc}*$/u, 'control characters are not accepted'),
  resource: z
    .string('expected target or a resource id')
    .regex(/^(target$|\/)/, 'expected target, or a resource id: /subscriptions/…')
    .default('target'),
  dimensions: dimensions.default({}),
  path: choice(samplePaths).default('test'),
};

export const values = z
  .union([z.string(), z.number()], 'expected values such as "50x5 80x10 _x3 30+2x4"')
  .transform((text, context) => {
    const parsed = parseSeries(String(text));
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: parsed.error });
    return z.NEVER;
  });

export const input = mapping('an input', {
  ...origin,
  every: grain,
  lag: span('a lag').default(0),
  values,
});

export const sample = mapping('a sample', {
  ...origin,
  every: grain.default(minuteMs),
  time: span('where its grain begins'),
  value,
});

export const yes = z.literal(true, 'expected true');
export const sentence = (what: string) =>
  z
    .string(`expected ${what}`)
    .min(1, `empty: give ${what}`)
    .max(500, 'longer than 500 characters')
    .regex(/^\P{Cc}*$/u, 'line breaks and other control characters are not accepted');

/** For how long, by whom and why somebody overrides. */
export const overrideTerm = {
  for: span('how long it holds', secondMs),
  owner: sentence('who is behind it').default('scale test'),
  reason: sentence('why').default('scale test'),
};

export const outcome = choice(['ScaleOut', 'ScaleIn', 'Hold']);
export const reason = choice(reasons);

/** What every scale test has. */
export const common = {
  name: sentence('a name').optional(),
  start: z
    .string('expected a time such as "2026-01-05T00:00:00Z"')
    .refine(isTime, 'expected a time such as "2026-01-05T00:00:00Z", with Z or an offset')
    .default('2026-01-05T00:00:00Z'),
  options: z.record(z.string(), z.unknown(), 'expected the options of a policy').default({}),
  input: list('inputs', input).default([]),
};

/** Neither tells anything alone. */
export function expectsSomething(document: {
  readonly expect: readonly unknown[];
  readonly decisions?: readonly unknown[] | undefined;
}): boolean {
  return document.expect.length > 0 || document.decisions !== undefined;
}

export const expectsNothing = 'nothing is expected: give expect or decisions';

/** Whether a key beside `at` was given. */
export function saysSomething(keys: object, ...asides: readonly string[]): boolean {
  return Object.entries(keys).some(
    ([name, given]) => name !== 'at' && !asides.includes(name) && given !== undefined,
  );
}

export function exactlyOne(members: readonly unknown[]): boolean {
  return members.filter((member) => member !== undefined).length === 1;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** February 30 is no time, though the runtime takes it for one in March. */
function isTime(text: string): boolean {
  const date = text.slice(0, 'YYYY-MM-DD'.length);
  const midnight = Date.parse(date);
  return (
    isoTime.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(midnight).toISOString().startsWith(date)
  );
}
