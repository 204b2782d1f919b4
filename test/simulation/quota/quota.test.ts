import { expect, test } from '@jest/globals';
import { simulate } from './run.ts';

test('the sum never exceeds the quota and no guarantee is broken, whatever fails and whoever takes what was freed', () => {
  const seed = Date.now() % 1_000_000_000;
  process.stdout.write(`quota simulation: seed ${seed}\n`);
  // It throws, with the seed of the run, where a promise is broken; and it has to have met what it is about.
  const tally = simulate(seed, 20_000);
  expect(tally.steps).toBe(20_000);
  expect(tally.moves).toBeGreaterThan(20);
  expect(tally.thefts).toBeGreaterThan(20);
  expect(tally.failed + tally.lost).toBeGreaterThan(0);
});
