import { blockedByValues, secondMs } from '@headroom/core';
import { z } from 'zod';
import {
  at,
  choice,
  common,
  exactlyOne,
  expectsNothing,
  expectsSomething,
  grain,
  list,
  mapping,
  outcome,
  overrideTerm,
  reason,
  sample,
  saysSomething,
  values,
  yes,
} from './shapes.ts';

// One YAML document of a file of scale tests, about the limits of an AI services account.

const tps = z.number('expected calls a second').min(0, 'expected 0 calls a second or more');
const key = z.string('expected the key of a rule').min(1, 'empty: name the key of a rule');
const options = z.record(z.string(), z.unknown(), 'expected options of a policy');

const calls = mapping('a series of calls', {
  key: key.optional(),
  every: grain.default(secondMs),
  values,
  by: choice(blockedByValues).default('Rate'),
});

const override = mapping('an override', {
  pin: tps.optional(),
  pause: yes.optional(),
  freeze: yes.optional(),
  confirm: yes.optional(),
  ...overrideTerm,
}).refine(
  ({ pin, pause, freeze, confirm }) => exactlyOne([pin, pause, freeze, confirm]),
  'expected one of pin: N, pause: true, freeze: true, confirm: true',
);

const event = mapping('an event', {
  at,
  enabled: z.boolean('expected true or false').optional(),
  options: options.optional(),
  sample: sample.optional(),
  override: override.optional(),
}).refine(
  (keys) => exactlyOne([keys.enabled, keys.options, keys.sample, keys.override]),
  'expected one of enabled, options, sample, override beside at',
);

const expectation = mapping('an expectation', {
  at,
  key: key.optional(),
  outcome: outcome.optional(),
  reason: reason.optional(),
  limit: tps.optional(),
}).refine(
  (keys) => saysSomething(keys, 'key'),
  'nothing is expected: give outcome, reason or limit',
);

const decision = mapping('a decision', {
  at,
  key: key.optional(),
  outcome: outcome.optional(),
  reason: reason.optional(),
  from: tps.optional(),
  to: tps.optional(),
});

export const limitDocumentSchema = mapping('a scale test of limits', {
  ...common,
  ratelimit: z.union(
    [z.string().min(1), z.record(z.string(), z.unknown())],
    'expected the path of an AI services account as ARM shows it, or the account itself',
  ),
  calls: list('series of calls', calls).default([]),
  events: list('events', event).default([]),
  expect: list('expectations', expectation).default([]),
  decisions: list('decisions', decision).optional(),
}).refine(expectsSomething, expectsNothing);

/** As it was read: defaults filled in, times in milliseconds. */
export type ReadLimitDocument = z.output<typeof limitDocumentSchema>;
