import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import {
  countText,
  lengthText,
  listText,
  numberText,
  shareText,
  spanText,
  timeText,
  valueText,
} from './words.ts';

const hourMs = 3_600_000;

describe('what the report writes', () => {
  test.each([
    ['a share', shareText(2411, 2412), '99.9\u00a0%'],
    ['all', shareText(2412, 2412), '100\u00a0%'],
    ['none', shareText(0, 3), '0\u00a0%'],
    ['hours', numberText(6617.94), '6,618'],
    ['few hours', numberText(105.33), '105.3'],
    ['a value', valueText(43.2148), '43.21'],
    ['a small value', valueText(0.000_123_456), '0.0001235'],
    ['a large value', valueText(1_234_567.8), '1,234,568'],
    ['one', countText(1, 'action'), '1 action'],
    ['many', countText(2412, 'action'), '2,412 actions'],
    ['no time', spanText(0), '0 min'],
    ['a while', spanText(3.2 * hourMs), '3 h 12 min'],
    ['a month', lengthText(30 * 24 * hourMs), '30 days'],
    ['days but for a minute', lengthText(5 * 24 * hourMs - 60_000), '5 days'],
    ['a part of a day', lengthText(36 * hourMs), '36 h'],
    ['a time', timeText(instant(Date.parse('2026-11-05T04:07:59Z'))), '5 Nov 04:07'],
    ['a list', listText(['a', 'b', 'c']), 'a, b and c'],
    ['a list of one', listText(['a']), 'a'],
  ])('%s', (_, text, expected) => {
    expect(text).toBe(expected);
  });
});
