import { z } from 'zod';
import {
  at,
  common,
  exactlyOne,
  expectsNothing,
  expectsSomething,
  list,
  mapping,
  outcome,
  overrideTerm,
  reason,
  sample,
  saysSomething,
  span,
  value,
  yes,
} from './shapes.ts';

// One YAML document of a file of scale tests, about an autoscale setting.

const count = z.int('expected a whole number of instances').min(0, 'expected no less than 0');

const override = mapping('an override', {
  pin: count.optional(),
  pause: yes.optional(),
  freeze: yes.optional(),
  ...overrideTerm,
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

const numbers = z.record(
  z.string().regex(/^\d{1,3}$/, 'expected the index of a rule'),
  value.nullable(),
  'expected numbers by rule index, such as { 0: 80 }',
);

const expectation = mapping('an expectation', {
  at,
  outcome: outcome.optional(),
  reason: reason.optional(),
  profile: z.string('expected the name of a profile').optional(),
  capacity: count.optional(),
  observed: numbers.optional(),
  projected: numbers.optional(),
}).refine(
  (keys) => saysSomething(keys),
  'nothing is expected: give outcome, reason, profile, capacity, observed or projected',
);

const decision = mapping('a decision', {
  at,
  outcome: outcome.optional(),
  reason: reason.optional(),
  from: count.optional(),
  to: count.optional(),
});

export const documentSchema = mapping('a scale test', {
  ...common,
  setting: z.union(
    [z.string().min(1), z.record(z.string(), z.unknown())],
    'expected the path of an ARM autoscale setting, or the setting itself',
  ),
  capacity: count,
  scaling: z
    .union([z.literal('fail'), span('an operation')], 'expected a time, or fail')
    .default(0),
  events: list('events', event).default([]),
  expect: list('expectations', expectation).default([]),
  decisions: list('decisions', decision).optional(),
}).refine(expectsSomething, expectsNothing);

/** As a person writes it. */
export type ScaleTestDocument = z.input<typeof documentSchema>;
/** As it was read: defaults filled in, times in milliseconds. */
export type ReadDocument = z.output<typeof documentSchema>;
