import { expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import { VirtualClock } from './virtual-clock.ts';

test('wakes sleepers in the order of their hours, each at its own', async () => {
  const clock = new VirtualClock(instant(1_000));
  const woken: string[] = [];
  const sleep = async (name: string, ms: number): Promise<void> => {
    await clock.wait(ms);
    woken.push(`${name} ${clock.now()}`);
  };
  const sleepers = [sleep('late', 300), sleep('early', 100)];
  await clock.advance(500);
  await Promise.all(sleepers);
  expect(woken).toEqual(['early 1100', 'late 1300']);
  expect([clock.now(), clock.monotonicMs()]).toEqual([1_500, 500]);
});

test('a sleeper that waits again within the span is woken again', async () => {
  const clock = new VirtualClock(instant(0));
  const hours: number[] = [];
  const loop = async (): Promise<void> => {
    for (let times = 0; times < 3; times++) {
      await clock.wait(100);
      hours.push(clock.now());
    }
  };
  const looping = loop();
  await clock.advance(1_000);
  await looping;
  expect(hours).toEqual([100, 200, 300]);
});

test('a wait ends at once when its signal aborts, or was aborted', async () => {
  const clock = new VirtualClock(instant(0));
  const abort = new AbortController();
  const waiting = clock.wait(1_000, abort.signal);
  expect(clock.sleepers).toBe(1);
  abort.abort();
  await waiting;
  await clock.wait(1_000, abort.signal);
  expect([clock.now(), clock.sleepers]).toEqual([0, 0]);
});
