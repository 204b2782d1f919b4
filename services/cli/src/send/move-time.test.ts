import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import { moveTime, moveToNow, recordTime } from './move-time.ts';

const at = (text: string) => instant(Date.parse(text));

describe('times are moved by whole minutes', () => {
  test.each([
    ['2026-11-21T09:03:00Z', '2026-11-21T14:07:42Z', '2026-11-21T14:07:00Z'],
    ['2026-11-21T09:03:15Z', '2026-11-21T14:07:10Z', '2026-11-21T14:06:15Z'],
    ['2026-11-21T14:07:00Z', '2026-11-21T14:07:59Z', '2026-11-21T14:07:00Z'],
    ['2026-11-21T15:00:30Z', '2026-11-21T14:00:00Z', '2026-11-21T13:59:30Z'],
  ])('the newest at %s, now %s: it becomes %s', (newest, now, moved) => {
    expect(at(newest) + moveToNow(at(newest), at(now))).toBe(at(moved));
  });
});

describe('only the time changes', () => {
  test.each([
    [
      '{"time":"2026-11-21T09:03:00.1234567Z","n":638481757794854611}',
      '2026-11-21T10:03:00.1234567Z',
    ],
    ['{ "n" : 638481757794854611, "time" : "2026-11-21T09:03:00Z" }', '2026-11-21T10:03:00Z'],
    ['{"time":"2026-11-21T11:03:00+02:00"}', '2026-11-21T10:03:00Z'],
    ['{"time":"2026-11-21T09:03:00.0000000"}', '2026-11-21T10:03:00.0000000Z'],
  ])('%s', (text, expected) => {
    const record = JSON.parse(text) as { time: string };
    expect(moveTime(text, record, 3_600_000)).toBe(text.replace(record.time, expected));
  });

  test.each(['{"a":1}', '{"time":12}', '{"time":"soon"}', '{"time":"2026-11-21"}'])(
    '%s has no time that can be read',
    (text) => {
      const record = JSON.parse(text) as object;
      expect(recordTime(record)).toBeUndefined();
      expect(moveTime(text, record, 3_600_000)).toBe(text);
    },
  );
});
