import { expect, test } from '@jest/globals';
import { after, capWindowMs, hourMs, instant, minuteMs } from '@headroom/core';
import type { TakenAmount } from '@headroom/ports';
import fc from 'fast-check';
import { takenWith, takenWithin } from './taken-money.ts';

const begin = instant(Date.UTC(2026, 0, 5));
const periods = ['hour', 'day', 'month'] as const;

test('what is told in one minute is one entry', () => {
  let taken: readonly TakenAmount[] = [];
  for (const ms of [0, 1, 59_999, minuteMs]) {
    taken = takenWith(taken, 5, after(begin, ms), 'hour', begin);
  }
  expect(taken).toEqual([
    { at: begin, micros: 15 },
    { at: after(begin, minuteMs), micros: 5 },
  ]);
});

test('a window holds all that was spent in it, and little more, however old', () => {
  const times = fc.array(fc.integer({ min: 0, max: 32 * 24 * 60 }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(times, (minutes) => {
      const spent: number[] = [];
      let taken: readonly TakenAmount[] = [];
      for (const minute of minutes.sort((a, b) => a - b)) {
        const now = after(begin, minute * minuteMs + 30_000);
        spent.push(now);
        taken = takenWith(taken, 1, now, 'month', now);
        for (const per of periods) {
          const within = (ms: number) => spent.filter((at) => at > now - ms).length;
          const counted = takenWithin(taken, per, now);
          expect(counted).toBeGreaterThanOrEqual(within(capWindowMs[per]));
          const late = per === 'hour' ? minuteMs : per === 'day' ? 11 * minuteMs : 61 * minuteMs;
          expect(counted).toBeLessThanOrEqual(within(capWindowMs[per] + late + minuteMs));
        }
      }
    }),
  );
});

test('a month of spending stays a small document', () => {
  let taken: readonly TakenAmount[] = [];
  for (let minute = 0; minute < 31 * 24 * 60; minute += 3) {
    const now = after(begin, minute * minuteMs);
    taken = takenWith(taken, 1, now, 'month', now);
  }
  expect(taken.length).toBeLessThan(1000);
});

test('a minute that a clock ahead has written counts as of now', () => {
  const ahead = [{ at: after(begin, 5 * hourMs), micros: 7 }];
  expect(takenWith(ahead, 0, begin, 'hour', begin)).toEqual([{ at: begin, micros: 7 }]);
});
