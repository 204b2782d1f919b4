import { describe, expect, test } from '@jest/globals';
import { parseDuration, parseGrain, parseInstant, parseTimespan } from './time.ts';

const at = (text: string): number => Date.parse(text);
const now = at('2026-11-21T12:00:00Z');
const from = at('2026-11-21T09:00:00Z');
const to = at('2026-11-21T10:00:00Z');

describe('a timespan', () => {
  test.each([
    ['2026-11-21T09:00:00Z/2026-11-21T10:00:00Z'],
    ['2026-11-21T09:00:00.0000000Z/2026-11-21T10:00:00.0000000Z'],
    ['2026-11-21T09:00:00/2026-11-21T10:00:00'],
    ['2026-11-21T10:00:00+01:00/2026-11-21T11:00:00+01:00'],
    // az sends it encoded twice; a plus sign that was never encoded arrives as a space.
    ['2026-11-21T09%3A00%3A00Z/2026-11-21T10%3A00%3A00Z'],
    ['2026-11-21T10:00:00 01:00/2026-11-21T11:00:00 01:00'],
  ])('is read from %s', (text) => {
    expect(parseTimespan(text, now)).toEqual({ fromMs: from, toMs: to });
  });

  test('is the last hour, or a duration before now', () => {
    expect(parseTimespan(null, now)).toEqual({ fromMs: now - 3_600_000, toMs: now });
    expect(parseTimespan('P1DT30M', now)).toEqual({ fromMs: now - 88_200_000, toMs: now });
  });

  test.each(['x', '2026-11-21T09:00:00Z', 'a/b', '2026-13-41T09:00:00Z/2026-11-21T10:00:00Z', '%'])(
    'is not read from %s',
    (text) => {
      expect(() => parseTimespan(text, now)).toThrow('timespan');
    },
  );

  test('that ends before it starts is refused', () => {
    expect(() => parseTimespan('2026-11-21T10:00:00Z/2026-11-21T09:00:00Z', now)).toThrow(
      'not after',
    );
  });
});

test.each([
  ['PT5M', 300_000],
  ['PT1H30M', 5_400_000],
  ['P1D', 86_400_000],
  ['P', undefined],
  ['PT', undefined],
  ['5', undefined],
])('the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  [null, false, 'PT1M'],
  ['pt1h', false, 'PT1H'],
  ['PT60M', false, 'PT1H'],
  ['FULL', false, 'FULL'],
  ['PT7M', true, 'PT15M'],
])('the time grain %s, adjusted: %s', (text, adjust, name) => {
  expect(parseGrain(text, adjust)).toBe(name);
});

test('a date alone is its midnight in UTC', () => {
  expect(parseInstant('2026-11-21')).toBe(at('2026-11-21T00:00:00Z'));
});
