import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSpan, spanText } from './span.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe('a time since the start', () => {
  test.each([
    ['10m', 10 * minute],
    ['10m30s', 10 * minute + 30 * second],
    ['1h30m', hour + 30 * minute],
    ['2d', 48 * hour],
    ['90s', 90 * second],
    ['0s', 0],
    ['PT5M', 5 * minute],
    ['PT1H30M', hour + 30 * minute],
    ['P1DT2H', 26 * hour],
    ['400d', 400 * 24 * hour],
  ])('%s', (text, ms) => {
    expect(parseSpan(text)).toBe(ms);
  });

  test.each(['', '10', '10 minutes', '30s10m', '-5m', '1.5h', 'P', 'PT', 'P1M', '401d', '10mx'])(
    '%j is none',
    (text) => {
      expect(parseSpan(text)).toBeUndefined();
    },
  );

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 86_400 }), (seconds) => {
        expect(parseSpan(spanText(seconds * second))).toBe(seconds * second);
      }),
    );
  });
});
