import { minuteMs, reasons, secondMs } from '@headroom/core';
import type { Millis } from '@headroom/core';
import { z } from 'zod';
import { didYouMean } from './closest.ts';
import { dimensionsMax, entriesMax, grainMax } from './limits.ts';
import { samplePaths } from './scale-test.ts';
import { parseSeries } from './series-notation.ts';
import { parseSpan } from './span.ts';

// One YAML document of a file of scale tests. Strict: a misspelt key would be an expectation that is never looked at.

const span = (what: string, leastMs: Millis = 0, mostMs = Infinity) =>
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

const count = z.int('expected a whole number of instances').min(0, 'expected no less than 0');
const value = z.number('expected a number');
const at = span('the time since the start');
const grain = span('a grain', secondMs, grainMax);

const choice = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, {
    error: ({ input }) =>
      `expected one of ${names.join(', ')}${typeof input === 'string' ? didYouMean(input, names) : ''}`,
  });

/** Keys and nothing else. */
const mapping = <Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `expected ${what} with its keys`;
      const names = Object.keys(shape);
      const told = issue.keys.map((key) => `"${key}"${didYouMean(key, names)}`).join(', ');
      return `unknown key ${told}: known are ${names.join(', ')}`;
    },
  });

const list = <Item extends z.ZodType>(what: string, item: Item) =>
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

const values = z
  .union([z.string(), z.number()], 'expected values such as "50x5 80x10 _x3 30+2x4"')
  .transform((text, context) => {
    const parsed = parseSeries(String(text));
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: parsed.error });
    return z.NEVER;
  });

const input = mapping('an input', {
  ...origin,
  every: grain,
  lag: span('a lag').default(0),
  values,
});

const sample = mapping('a sample', {
  ...origin,
  every: grain.default(minuteMs),
  time: span('where its grain begins'),
  value,
});

const yes = z.literal(true, 'expected true');
const sentence = (what: string) =>
  z
    .string(`expected ${what}`)
    .min(1, `empty: give ${what}`)
    .max(500, 'longer than 500 characters')
    .regex(/^\P{Cc}*$/u, 'line breaks and other control characters are not accepted');

const override = mapping('an override', {
  pin: count.optional(),
  pause: yes.optional(),
  freeze: yes.optional(),
  for: span('how long it holds', secondMs),
  owner: sentence('who is behind it').default('scale test'),
  reason: sentence('why').default('scale test'),
}).refine(
  ({ pin, pause, freeze }) => exactlyOne([pin, pause, freeze]),
  'expected one of pin: N, pause: true, freeze: true',
);

const event = mapping('an event', {
  at,
  capacity: count.optional(),
  sample: sample.optional(),
  override: override.optional(),
}).refine(
  ({ capacity, sample, override }) => exactlyOne([capacity, sample, override]),
  'expected one of capacity, sample, override beside at',
);

const outcome = choice(['ScaleOut', 'ScaleIn', 'Hold']);

const numbers = z.record(
  z.string().regex(/^\d{1,3}$/, 'expected the index of a rule'),
  value.nullable(),
  'expected numbers by rule index, such as { 0: 80 }',
);

const expectation = mapping('an expectation', {
  at,
  outcome: outcome.optional(),
  reason: choice(reasons).optional(),
  profile: z.string('expected the name of a profile').optional(),
  capacity: count.optional(),
  observed: numbers.optional(),
  projected: numbers.optional(),
}).refine(
  (keys) => Object.values(keys).filter((given) => given !== undefined).length > 1,
  'nothing is expected: give outcome, reason, profile, capacity, observed or projected',
);

const decision = mapping('a decision', {
  at,
  outcome: outcome.optional(),
  reason: choice(reasons).optional(),
  from: count.optional(),
  to: count.optional(),
});

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

export const documentSchema = mapping('a scale test', {
  name: sentence('a name').optional(),
  setting: z.union(
    [z.string().min(1), z.record(z.string(), z.unknown())],
    'expected the path of an ARM autoscale setting, or the setting itself',
  ),
  capacity: count,
  start: z
    .string('expected a time such as "2026-01-05T00:00:00Z"')
    .refine(isTime, 'expected a time such as "2026-01-05T00:00:00Z", with Z or an offset')
    .default('2026-01-05T00:00:00Z'),
  scaling: z
    .union([z.literal('fail'), span('an operation')], 'expected a time, or fail')
    .default(0),
  options: z.record(z.string(), z.unknown(), 'expected the options of a policy').default({}),
  input: list('inputs', input).default([]),
  events: list('events', event).default([]),
  expect: list('expectations', expectation).default([]),
  decisions: list('decisions', decision).optional(),
}).refine(
  ({ expect, decisions }) => expect.length > 0 || decisions !== undefined,
  'nothing is expected: give expect or decisions',
);

/** As a person writes it. */
export type ScaleTestDocument = z.input<typeof documentSchema>;
/** As it was read: defaults filled in, times in milliseconds. */
export type ReadDocument = z.output<typeof documentSchema>;

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

function exactlyOne(members: readonly unknown[]): boolean {
  return members.filter((member) => member !== undefined).length === 1;
}
