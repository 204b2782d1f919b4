import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSeries, seriesText } from './series-notation.ts';

const gap = NaN;

describe('the notation of a series', () => {
  test.each([
    ['80', [80]],
    ['80x3', [80, 80, 80]],
    ['_', [gap]],
    ['_x2 5', [gap, gap, 5]],
    ['30+2x4', [30, 32, 34, 36]],
    ['30-2x4', [30, 28, 26, 24]],
    ['-1-1x2', [-1, -2]],
    ['-1.5+0.5x3', [-1.5, -1, -0.5]],
    ['1e3x2 2e-1', [1000, 1000, 0.2]],
    ['  1\n 2\t3 ', [1, 2, 3]],
  ])('%j', (text, values) => {
    const parsed = parseSeries(text);
    expect(parsed.ok && [...parsed.value]).toEqual(values);
  });

  test.each([
    ['', 'no values'],
    ['80y3', '"80y3" is no value'],
    ['80x', '"80x" is no value'],
    ['80x0', 'stands for nothing'],
    ['80x1.5', 'is no value'],
    ['30+2', 'has a step but no count'],
    ['_+2x4', 'is no value'],
    ['NaN', 'is no value'],
    ['1x5000001', 'more than 5000000 values'],
    ['1e308+1e308x3', 'beyond the largest number'],
    ['1'.repeat(101), '"1111111111111111111111111111111111111111…" is no value'],
  ])('%j is refused', (text, message) => {
    const parsed = parseSeries(text);
    expect(parsed.ok ? undefined : parsed.error).toContain(message);
  });

  test('reads back what it writes', () => {
    const value = fc.oneof(
      fc.constant(NaN),
      fc.integer({ min: -3, max: 3 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const parsed = parseSeries(seriesText(values));
        // Zero has no sign here.
        expect(parsed.ok && [...parsed.value].map((read) => read + 0)).toEqual(
          values.map((written) => written + 0),
        );
      }),
    );
  });
});
