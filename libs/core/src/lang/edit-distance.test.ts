import { expect, test } from '@jest/globals';
import { editDistance } from './edit-distance.ts';

test.each([
  ['timeWindow', 'timewindow', 0],
  ['timeWindw', 'timeWindow', 1],
  ['', 'abc', 3],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
])('from %j to %j there are %d changes', (a, b, changes) => {
  expect(editDistance(a, b)).toBe(changes);
});

test('endless texts are compared by their beginnings', () => {
  expect(editDistance('a'.repeat(100_000), 'a'.repeat(100_001))).toBe(0);
});
