import { expect, test } from '@jest/globals';
import { coresOf, coresOfInstance } from './quota.ts';

test.each([
  ['Standard_DS1_v2', 1],
  ['Standard_DS3_v2', 4],
  ['Standard_D5_v2', 16],
  ['Standard_F8s_v2', 8],
  ['Standard_NC24ads_A100_v4', 24],
  ['unknown', 4],
])('%s has %d cores', (instanceType, cores) => {
  expect(coresOfInstance(instanceType)).toBe(cores);
});

// The documented example: 10 × DS3_v2 needs 48 cores.
test.each([
  [1, 2],
  [5, 6],
  [6, 8],
  [10, 12],
  [50, 60],
])('%d instances count as %d', (instances, counted) => {
  expect(coresOf('Standard_DS1_v2', instances)).toBe(counted);
});
