import { describe, expect, test } from '@jest/globals';
import { durationText, instant, isoOf, targetId } from '@headroom/core';
import { parseDuration } from './duration.ts';
import { findTarget, shortName } from './target-name.ts';
import { parseWhen } from './when.ts';

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    [' 10s ', 10_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: ms });
  });

  test.each(['', '5', 'm', '5 m', '-5m', '0s', '1.5h', '5mm', '400d', '5min'])(
    '%j is refused with an example',
    (text) => {
      const parsed = parseDuration(text);
      expect(parsed.ok ? '' : parsed.error).toBe(
        `"${text}" is no duration: write 90s, 5m, 1h30m or 2d`,
      );
    },
  );

  test.each([
    [0.4, '0 ms'],
    [850, '850 ms'],
    [4_240, '4.2 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms reads %j', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe('points in time', () => {
  const now = instant(Date.parse('2026-11-21T14:00:00Z'));

  test.each([
    ['1h', '2026-11-21T13:00:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20T08:00Z', '2026-11-20T08:00:00.000Z'],
    ['2026-11-20T08:00:30.5+02:00', '2026-11-20T06:00:30.500Z'],
  ])('%s is %s', (text, expected) => {
    const parsed = parseWhen(text, now);
    expect(parsed.ok ? isoOf(parsed.value) : parsed.error).toBe(expected);
  });

  test.each(['yesterday', '2026-11-20T08:00', '2026-13-45', '14:00'])('%s is refused', (text) => {
    const parsed = parseWhen(text, now);
    expect(parsed.ok ? '' : parsed.error).toContain(`"${text}" is no time`);
  });
});

describe('targets by name', () => {
  const workspace =
    '/subscriptions/s/resourcegroups/rg/providers/microsoft.machinelearningservices/workspaces/w';
  const blue = targetId(`${workspace}/onlineEndpoints/chat/deployments/blue`);
  const green = targetId(`${workspace}/onlineEndpoints/chat/deployments/green`);
  const other = targetId(`${workspace}/onlineEndpoints/mail/deployments/blue`);

  test('the short name is the last two names', () => {
    expect(shortName(blue)).toBe('chat/blue');
  });

  test.each([
    ['chat/blue', blue],
    ['green', green],
    ['deployments/green', green],
    ['/onlineEndpoints/MAIL/deployments/blue/', other],
    [
      `${workspace}/onlineEndpoints/new/deployments/x`,
      targetId(`${workspace}/onlineendpoints/new/deployments/x`),
    ],
  ])('%s', (text, target) => {
    expect(findTarget(text, [blue, green, other])).toEqual({ ok: true, value: target });
  });

  test('an ending of several targets names them', () => {
    const found = findTarget('blue', [blue, green, other]);
    expect(found.ok ? '' : found.error).toBe(
      `2 targets end in "blue": give more of the id. \n  ${blue}\n  ${other}`,
    );
  });

  test.each(['lue', 'pink'])('%s is nobody', (text) => {
    const found = findTarget(text, [blue]);
    expect(found.ok ? '' : found.error).toContain(`no target's id ends in "${text}"`);
  });
});
