import { describe, expect, test } from '@jest/globals';
import { holds, parseDimensionFilter } from './dimension-filter.ts';

const fits = (filter: string, dimensions: Record<string, string>): boolean =>
  holds(parseDimensionFilter(filter), dimensions);

describe('a filter of dimensions', () => {
  test.each([
    ['', { A: 'a1' }, true],
    ["A eq 'a1'", { A: 'a1', B: 'b' }, true],
    ["a EQ 'A1'", { A: 'a1' }, true],
    ["A eq 'a2'", { A: 'a1' }, false],
    ["A eq '*'", { A: 'anything' }, true],
    ["A eq '*'", { B: 'b' }, false],
    ["A ne 'a1'", { A: 'a2' }, true],
    ["A ne 'a1'", { A: 'a1' }, false],
    ["A startswith 'a'", { A: 'a1' }, true],
    ["A eq 'a1' and B eq 'b1' or B eq 'b2' and C eq '*'", { A: 'a1', B: 'b2', C: 'c' }, true],
    ["(A eq 'a1') and (B eq 'b1' or B eq 'b2')", { A: 'a1', B: 'b3' }, false],
    ["A eq 'it''s'", { A: "it's" }, true],
    ['A eq "a1"', { A: 'a1' }, true],
    ["A eq 'x and y'", { A: 'x and y' }, true],
  ] as [string, Record<string, string>, boolean][])('%s of %j: %s', (filter, of, expected) => {
    expect(fits(filter, of)).toBe(expected);
  });

  test.each([
    "A eq 'a1' or B eq 'b1'",
    'A',
    "A gt 'a'",
    'A eq a1',
    "A eq 'a1' and",
    "A eq 'a1",
    "' '",
  ])('is not read from %s', (filter) => {
    expect(() => parseDimensionFilter(filter)).toThrow('$filter');
  });
});
