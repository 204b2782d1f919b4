import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { until } from '../../../test/amqp/server.fixture.ts';
import { Heap } from './heap.ts';
import { Timers } from './timers.ts';

test('a heap gives its items in the order of their keys', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = new Heap<number>((a, b) => a - b);
      for (const item of items) heap.push(item);
      const out = Array.from({ length: items.length }, () => heap.pop());
      expect(out).toEqual([...items].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('items that are gone never come out of a heap, and half of it at most is dead', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ key: fc.nat(), goes: fc.boolean() })), (given) => {
      const gone = new Set<object>();
      const heap = new Heap<{ key: number }>(
        (a, b) => a.key - b.key,
        (item) => gone.has(item),
      );
      // Enough of each that the dead ones are swept, not only dropped at the top.
      const items = given.flatMap((item) => Array.from({ length: 30 }, () => ({ ...item })));
      for (const item of items) heap.push(item);
      for (const item of items.filter(({ goes }) => goes)) {
        gone.add(item);
        heap.noteGone();
      }
      const left = items.filter(({ goes }) => !goes).map(({ key }) => key);
      expect(heap.size).toBeLessThanOrEqual(2 * left.length + 64);
      const out = left.map(() => heap.pop()?.key);
      expect(out).toEqual(left.sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('a deadline that is cancelled does not run and is let go; a late cancel does nothing', async () => {
  const timers = new Timers(() => 1000);
  const ran: string[] = [];
  const cancels = Array.from({ length: 10_000 }, (_, n) =>
    timers.at(50_000 + n, () => ran.push('cancelled')),
  );
  timers.at(999, () => ran.push('kept'));
  const early = timers.at(900, () => ran.push('never'));
  early();
  for (const cancel of cancels) cancel();
  expect(timers.size).toBeLessThan(100);
  await until('the deadline that was kept', () => ran.length > 0);
  early();
  expect(ran).toEqual(['kept']);
  timers.close();
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

test('deadlines of one time run in the order in which they were set', async () => {
  let now = 1000;
  const timers = new Timers(() => now);
  const ran: number[] = [];
  const numbers = Array.from({ length: 100 }, (_, n) => n);
  for (const n of numbers) timers.at(2000, () => ran.push(n));
  now = 2000;
  await until('all deadlines', () => ran.length === numbers.length);
  expect(ran).toEqual(numbers);
  timers.close();
});
