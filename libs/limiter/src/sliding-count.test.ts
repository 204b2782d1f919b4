import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import fc from 'fast-check';
import { SlidingCount } from './sliding-count.ts';

const windowMs = 100;

/** Takes as many as are allowed at each of the times; answers when. */
function run(times: readonly number[], allowed: number, grainMs = 0.1): readonly number[] {
  const count = new SlidingCount(grainMs);
  return times.filter((time) => {
    const now = instant(time);
    const fits = count.sum(now, windowMs) + 1 <= allowed;
    if (fits) count.add(now, 1, allowed, windowMs);
    return fits;
  });
}

describe('places', () => {
  test('are taken for a window', () => {
    expect(run([0, 0, 0, 50, 99, 100, 100, 100], 2)).toEqual([0, 0, 100, 100]);
  });

  test('that somebody comes late for lose no time', () => {
    expect(run([0, 110, 200, 310, 400, 505, 600], 1)).toEqual([0, 110, 200, 310, 400, 505, 600]);
    expect(run([0, 110, 199], 1)).toEqual([0, 110]);
  });

  test('that nobody wanted for a window have no past', () => {
    expect(run([0, 200, 290, 300], 1)).toEqual([0, 200, 300]);
  });
});

test('in any time at most what is allowed in it and a window more, and after a rest not even that', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 5, maxLength: 200 });
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(0.1, 3),
      (all, allowed, grain) => {
        let at = 0;
        const passed = run(
          all.map((gap) => (at += gap)),
          allowed,
          grain,
        );
        for (let first = 0; first < passed.length; first++) {
          const rested = first === 0 || passed[first]! - passed[first - 1]! > 3 * windowMs;
          for (let last = first; last < passed.length; last++) {
            const windows = Math.floor((passed[last]! - passed[first]!) / windowMs) + 1;
            const most = allowed * (rested ? windows : windows + 1);
            expect(last - first + 1).toBeLessThanOrEqual(most);
          }
        }
      },
    ),
  );
});

test('what is given back is free at once, and only once', () => {
  const count = new SlidingCount(1);
  const [early, late] = [instant(0), instant(50)];
  const first = count.add(early, 300, 1000, windowMs);
  const second = count.add(late, 500, 1000, windowMs);
  count.giveBack(second, 200);
  expect(count.sum(late, windowMs)).toBe(600);
  expect(count.sum(instant(100), windowMs)).toBe(300);
  count.giveBack(first, 300);
  expect(count.sum(instant(100), windowMs)).toBe(300);
  expect(count.sum(instant(300), windowMs)).toBe(0);
  count.giveBack(second, 300);
  expect(count.sum(instant(300), windowMs)).toBe(0);
});

test('tells when there is room', () => {
  const count = new SlidingCount(1);
  count.add(instant(0), 10, 100, windowMs);
  count.add(instant(40), 10, 100, windowMs);
  const now = instant(50);
  expect(count.freeIn(5, now, windowMs)).toBe(50);
  expect(count.freeIn(11, now, windowMs)).toBe(90);
  expect(count.emptyIn(now, windowMs)).toBe(90);
});
