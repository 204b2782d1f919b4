import { describe, expect, test } from '@jest/globals';
import {
  after,
  defaultPolicy,
  hourMs,
  instant,
  minuteMs,
  secondMs,
  targetId,
} from '@headroom/core';
import type { AuditRecord, Decision, Instant, Reason } from '@headroom/core';
import { Comparing } from './compare.ts';
import type { Comparison } from './comparison.ts';

const target = targetId('/subscriptions/s/deployments/blue');
const midnight = instant(Date.UTC(2026, 10, 28));
const noon = after(midnight, 12 * hourMs);

interface Told {
  readonly shadow?: string;
  readonly record?: Decision['record'];
  readonly version?: number;
}

/** `4 NotTriggered`, `2 > 4 ScaleOutRule`, so many minutes after noon. */
function decided(minutes: number, words: string, told: Told = {}): AuditRecord {
  const [before = 0, to = before] = (words.match(/\d+/g) ?? []).map(Number);
  const moved = to > before ? 'ScaleOut' : 'ScaleIn';
  const outcome = to === before ? 'Hold' : moved;
  const { shadow, record = outcome === 'Hold' ? 'change' : 'action', version = 3 } = told;
  const decision = {
    id: `${shadow ?? 'real'}@${minutes}`,
    ...{ target, outcome, record, reason: words.split(' ').at(-1) as Reason },
    setting: { id: 'blue', version },
    at: after(noon, minutes * minuteMs),
    capacity: { before, proposed: to, after: to },
    ...(shadow === undefined ? {} : { shadow }),
  } as unknown as Decision;
  return { kind: 'decision', decision };
}

const lower = (minutes: number, words: string, told: Told = {}) =>
  decided(minutes, words, { ...told, shadow: 'lower' });

function compared(
  records: readonly AuditRecord[],
  span: Partial<{ from: Instant; until: Instant; timeZone: string }> = {},
): Comparison {
  const until = after(noon, 12 * hourMs);
  const comparing = new Comparing({ from: midnight, until, timeZone: 'UTC', ...span });
  for (const record of records) comparing.take(record);
  return comparing.finish();
}

function dayOf(records: readonly AuditRecord[]) {
  const { days } = compared(records);
  expect(days).toHaveLength(1);
  const [inForce, shadow] = days[0]!.sides;
  return { inForce, shadow };
}

describe('a finding', () => {
  test('holds until the next one, and each reason adds up', () => {
    const { inForce } = dayOf([
      decided(0, '2 NotTriggered'),
      decided(10, '2 > 4 ScaleOutRule'),
      decided(10.5, '2 InFlight'),
      decided(11, '4 Cooldown'),
      decided(16, '4 NotTriggered'),
      decided(20, '4 Paused'),
    ]);
    expect(inForce).toMatchObject({
      scaleOuts: 1,
      knownMs: 37 * minuteMs,
      heldMs: {
        NotTriggered: 14 * minuteMs,
        InFlight: 30 * secondMs,
        Cooldown: 5 * minuteMs,
        Paused: 17 * minuteMs,
      },
    });
    expect(Object.keys(inForce?.heldMs ?? {})[0]).toBe('Paused');
  });

  test('that no heartbeat confirms is not known to hold any more', () => {
    const { inForce } = dayOf([decided(0, '2 NotTriggered'), decided(300, '2 NotTriggered')]);
    expect(inForce?.knownMs).toBe(34 * minuteMs);
  });

  test('before the span tells what was found at its begin', () => {
    const records = [decided(-5, '2 NotTriggered'), decided(10, '2 Cooldown')];
    const { total } = compared(records, { from: noon, until: after(noon, 12 * minuteMs) });
    expect(total).toMatchObject([
      { knownMs: 12 * minuteMs, heldMs: { NotTriggered: 10 * minuteMs, Cooldown: 2 * minuteMs } },
    ]);
  });
});

describe('a move', () => {
  test('that nobody carries out is one, however often it is decided', () => {
    const { shadow } = dayOf([
      decided(0, '2 NotTriggered'),
      lower(0, '2 > 3 ScaleOutRule'),
      lower(1, '2 Cooldown'),
      lower(5, '2 > 3 ScaleOutRule'),
      lower(6, '2 Cooldown'),
      lower(10, '2 > 3 ScaleOutRule', { record: 'heartbeat' }),
      lower(11, '2 NotTriggered'),
      lower(14, '2 > 3 ScaleOutRule'),
    ]);
    expect(shadow).toMatchObject({ shadow: 'lower', scaleOuts: 2, again: 1 });
  });

  test('to the same count stays that move, although the capacity came nearer meanwhile', () => {
    const { shadow } = dayOf([
      decided(0, '2 > 4 ScaleOutRule'),
      lower(0, '2 > 5 BelowMinimum'),
      lower(0.5, '2 InFlight'),
      lower(1, '4 > 5 BelowMinimum'),
    ]);
    expect(shadow).toMatchObject({ scaleOuts: 1, again: 1 });
  });

  test('is wanted while its cooldown holds, and no longer than that', () => {
    const { shadow } = dayOf([
      decided(0, '2 NotTriggered'),
      lower(0, '2 > 4 ScaleOutRule'),
      lower(1, '2 Cooldown'),
      lower(6, '2 NotTriggered'),
    ]);
    expect(shadow?.beside).toMatchObject({
      bothMs: 17 * minuteMs,
      differsMs: 6 * minuteMs,
      moreInstanceMs: 2 * 6 * minuteMs,
      times: 1,
      telling: [
        {
          from: noon,
          until: after(noon, 6 * minuteMs),
          inForce: { count: 2, decision: { id: 'real@0' } },
          shadow: { count: 4, decision: { id: 'lower@0', reason: 'ScaleOutRule' } },
        },
      ],
    });
  });

  test('that both want at once is no difference, although only one of them is carried out', () => {
    const { shadow } = dayOf([
      decided(0, '2 > 4 ScaleOutRule'),
      lower(0, '2 > 4 ScaleOutRule'),
      decided(1, '2 InFlight'),
      lower(1, '2 InFlight'),
      decided(2, '4 Cooldown'),
      lower(2, '4 Cooldown'),
      decided(7, '4 NotTriggered'),
      lower(7, '4 NotTriggered'),
    ]);
    expect(shadow?.beside).toMatchObject({ differsMs: 0, times: 0 });
  });

  test('is not wanted any more once the capacity went elsewhere', () => {
    const { shadow } = dayOf([
      decided(0, '2 NotTriggered'),
      lower(0, '2 > 3 ScaleOutRule'),
      decided(4, '5 NotTriggered'),
      lower(4, '5 Cooldown'),
    ]);
    expect(shadow?.beside?.differsMs).toBe(4 * minuteMs);
  });
});

describe('days', () => {
  const overMidnight = (hours: number) => [
    decided(hours * 60 - 10, '2 NotTriggered'),
    lower(hours * 60 - 10, '2 > 3 BelowMinimum'),
    decided(hours * 60 + 1, '2 NotTriggered', { record: 'heartbeat' }),
    lower(hours * 60 + 1, '2 > 3 BelowMinimum', { record: 'heartbeat' }),
  ];

  test('divide a stretch, and their sum is the whole', () => {
    const until = after(noon, 24 * hourMs);
    const { days, total } = compared(overMidnight(12), { until });
    expect(days.map(({ day }) => day)).toEqual(['2026-11-28', '2026-11-29']);
    const differs = days.map(({ sides }) => sides[1]?.beside?.differsMs);
    expect(differs).toEqual([10 * minuteMs, 18 * minuteMs]);
    expect(total[1]).toMatchObject({ scaleOuts: 1, beside: { differsMs: 28 * minuteMs } });
  });

  test('are those of the zone', () => {
    const { days } = compared(overMidnight(11), { timeZone: 'Europe/Berlin' });
    expect(days.map(({ day }) => day)).toEqual(['2026-11-28', '2026-11-29']);
  });

  test('of which nobody said anything are not there', () => {
    expect(compared([]).days).toEqual([]);
    const from = after(midnight, -30 * 24 * hourMs);
    expect(compared([decided(0, '2 NotTriggered')], { from }).days).toHaveLength(1);
  });
});

test('a shadow that is taken out finds nothing any more', () => {
  const setting = { name: 'a', enabled: true, target, profiles: [] };
  const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
  const at = after(noon, 4 * minuteMs);
  const version = { target, id: 'blue', version: 4, content };
  const records: readonly AuditRecord[] = [
    decided(0, '2 NotTriggered'),
    lower(0, '2 NotTriggered'),
    { kind: 'setting', setting: { id: 's', target, at, version } },
    decided(4, '2 NotTriggered', { version: 4 }),
  ];
  const { total, versions } = compared(records);
  expect(total.map(({ knownMs }) => knownMs)).toEqual([21 * minuteMs, 4 * minuteMs]);
  expect(versions).toEqual([3, 4]);
});
