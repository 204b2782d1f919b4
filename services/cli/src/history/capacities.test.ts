import { expect, test } from '@jest/globals';
import { after, instant, minuteMs } from '@headroom/core';
import type { Sample } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import { capacitiesOf } from './capacities.ts';

const start = instant(Date.UTC(2026, 10, 1));
const at = (minutes: number) => after(start, Math.round(minutes * minuteMs));

/** `3 5→6`: an event of an action, at the third minute. */
const event = (kind: AutoscaleEvent['kind'], minutes: number, from: number, to: number) => ({
  ...{ kind, at: at(minutes), from, to, setting: 's', target: 't' },
  ...{ correlationId: `${from} to ${to}`, description: '' },
});
const observed = (minutes: number, value: number, maximum = value): Sample => ({
  series: { resource: 's', metric: 'observedcapacity', dimensions: [] },
  ...{ time: at(minutes), grainMs: minuteMs, count: 1, total: value, minimum: value, maximum },
});
const shown = (events: readonly AutoscaleEvent[], seen: readonly Sample[]) =>
  capacitiesOf(events, seen, start).map(({ at: when, instances }) => [
    (when - start) / minuteMs,
    instances,
  ]);

test('an action is in force from its end on', () => {
  const events = [event('ScaleStarted', 3, 5, 6), event('ScaleSucceeded', 9.5, 5, 6)];
  expect(shown(events, [])).toEqual([
    [0, 5],
    [9.5, 6],
  ]);
});

test('an action without an end is in force from its begin on, one that failed never', () => {
  const failed = [event('ScaleStarted', 5, 6, 9), event('ScaleFailed', 7, 6, 9)];
  expect(shown([event('ScaleStarted', 3, 5, 6), ...failed], [])).toEqual([
    [0, 5],
    [3, 6],
  ]);
});

test('what the engine observed fills the begin, and what others set', () => {
  const events = [event('ScaleStarted', 3, 5, 6), event('ScaleSucceeded', 9.5, 5, 6)];
  const seen = [0, 1, 2, 3, 9, 10, 11, 12].map((minute) => observed(minute, minute < 9 ? 5 : 6));
  expect(shown(events, [...seen, observed(13, 8), observed(14, 8)])).toEqual([
    [0, 5],
    [9.5, 6],
    [13, 8],
  ]);
});

test('what it observed while an action ran, or in a minute with two counts, says nothing', () => {
  const events = [event('ScaleStarted', 3, 5, 6), event('ScaleSucceeded', 9.5, 5, 6)];
  const early = [observed(1, 5), observed(4, 6), observed(5, 5), observed(9, 6)];
  expect(shown(events, [...early, observed(20, 6, 7)])).toEqual([
    [1, 5],
    [9.5, 6],
  ]);
});

test('nothing is known where nothing is on record', () => {
  expect(shown([], [])).toEqual([]);
});
