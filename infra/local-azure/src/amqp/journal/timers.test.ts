import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { until } from '../test-server.ts';
import { Heap } from './heap.ts';
import { Timers } from './timers.ts';

test('a heap gives its items in the order of their keys', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = new Heap<number>((item) => item);
      for (const item of items) heap.push(item);
      const out = Array.from({ length: items.length }, () => heap.pop());
      expect(out).toEqual([...items].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('deadlines run in the order of time, and none runs early', async () => {
  let now = 1000;
  const timers = new Timers(() => now);
  const ran: string[] = [];
  timers.at(1300, () => ran.push('late'));
  timers.at(1100, () => ran.push('early'));
  timers.at(1100, () => timers.at(1200, () => ran.push('nested')));
  timers.at(90_000, () => ran.push('never'));
  now = 1099;
  await new Promise((resolve) => setImmediate(resolve));
  expect(ran).toEqual([]);
  now = 1300;
  await until('three deadlines', () => ran.length === 3);
  expect(ran).toEqual(['early', 'nested', 'late']);
  timers.close();
});
