import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { minuteMs } from '../durations.ts';
import { runFleet } from './fleet.ts';
import { profile, rule, weekly } from './fleet-rules.ts';
import { MetricDatabase } from './metric-database.ts';
import { MetricReader } from './metric-reader.ts';
import { profileAt } from './profile.ts';
import type { Recording } from './run-setting.ts';

describe('what the engine reads', () => {
  const name = { resource: '/a', namespace: 'n', metric: 'm' };
  const when = { metricName: 'm', metricResourceUri: '/a' };
  const trigger = (more: object) =>
    rule({ when: { ...when, ...more }, test: ['>', 0], change: '+1' }).metricTrigger;

  /** Two instances; minute n holds n and 3n, and comes two minutes after its end. */
  function database(missing: readonly number[] = []): MetricDatabase {
    const made = new MetricDatabase(0, 60);
    for (let minute = 0; minute < 60; minute++) {
      made.arrives('/a', minute, made.endOf(minute) + 2 * minuteMs);
      if (missing.includes(minute)) continue;
      for (const [instanceId, value] of [
        ['x', minute],
        ['y', 3 * minute],
      ] as const) {
        const of = { ...name, dimensions: { instanceId } };
        const measured = { count: 1, total: value, minimum: value, maximum: value };
        made.series(of).add(minute, measured);
      }
    }
    return made;
  }

  test.each([
    // At 30:00 the newest minute is the one that ended at 28:00: 27. The window holds 23 to 27.
    ['the average of all', {}, 50],
    ['the busiest instance at its highest', { statistic: 'Max', timeAggregation: 'Maximum' }, 81],
    ['the least', { statistic: 'Min', timeAggregation: 'Minimum' }, 23],
    ['sums', { statistic: 'Sum', timeAggregation: 'Total' }, 4 * (23 + 24 + 25 + 26 + 27)],
    ['the last minute', { timeAggregation: 'Last' }, 54],
    // 23 to 27 and 18 to 22.
    [
      'grains of five minutes',
      { timeGrain: 'PT5M', timeWindow: 'PT10M', timeAggregation: 'Minimum' },
      40,
    ],
    [
      'one instance',
      { dimensions: [{ DimensionName: 'instanceId', Operator: 'Equals', Values: ['x'] }] },
      25,
    ],
    [
      'all but one',
      { dimensions: [{ DimensionName: 'instanceId', Operator: 'NotEquals', Values: ['x'] }] },
      75,
    ],
  ])('%s', (_, more, expected) => {
    expect(new MetricReader(database(), trigger(more)).value(30 * minuteMs)).toBe(expected);
  });

  test('the window ends at the newest minute that holds something, and gaps do not count', () => {
    const reader = new MetricReader(database([25, 27]), trigger({ timeAggregation: 'Minimum' }));
    // 22 to 26 without 25.
    expect(reader.value(30 * minuteMs)).toBe(44);
  });

  test('nothing within the window and five minutes: it cannot be read', () => {
    const silent = Array.from({ length: 40 }, (_, n) => 20 + n);
    const reader = new MetricReader(database(silent), trigger({}));
    expect(reader.value(30 * minuteMs - 1)).toBeDefined();
    expect(reader.value(30 * minuteMs)).toBeUndefined();
  });
});

describe('the profile in force', () => {
  const zone = 'W. Europe Standard Time';
  const days = ['Monday', 'Tuesday'];
  const profiles = [
    profile('default', [1, 2, 1], []),
    profile('day', [3, 4, 3], [], weekly(zone, days, 8)),
    profile('night', [1, 2, 1], [], weekly(zone, days, 18)),
    profile('launch', [9, 9, 9], [], {
      fixedDate: { timeZone: zone, start: '2026-03-30T12:00:00', end: '2026-03-30T13:00:00' },
    }),
  ];

  test.each([
    // Berlin is two hours ahead of UTC from 2026-03-29 on, one hour before.
    ['2026-03-30T06:00:00Z', 'day'],
    ['2026-03-30T05:59:59Z', 'night'],
    ['2026-03-23T07:00:00Z', 'day'],
    ['2026-03-30T10:00:00Z', 'launch'],
    ['2026-03-30T11:00:00Z', 'day'],
    ['2026-03-30T16:00:00Z', 'night'],
    // Of Tuesday evening until Monday morning.
    ['2026-04-04T12:00:00Z', 'night'],
  ])('at %s: %s', (now, name) => {
    expect(profileAt(profiles, Date.parse(now))?.name).toBe(name);
  });
});

describe('a fleet', () => {
  const now = Date.UTC(2026, 5, 20);
  const run = (only: readonly string[], seed = 3): readonly Recording[] => [
    ...runFleet({ seed, settings: only.length, days: 2, now, only }),
  ];
  const told = ({ activity, actions, capacities }: Recording) => ({
    activity,
    actions,
    capacities,
  });

  test('is the same for the same seed, and another for another one', () => {
    const [first, again, other] = [3, 3, 4].map((seed) => told(run(['cpu-only'], seed)[0]!));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('acts, one operation at a time, and tells the begin and the end of each', () => {
    for (const { activity, actions } of run(['cpu-only', 'percent', 'narrow-margin'])) {
      expect(actions.length).toBeGreaterThan(4);
      const ended = actions.filter(({ endsAt }) => endsAt < now);
      const names = activity.map(({ operationName }) => operationName.split('/')[2]);
      expect(names.filter((name) => /^Scale(up|down)$/.test(name!))).toHaveLength(actions.length);
      expect(names.filter((name) => name!.endsWith('Result'))).toHaveLength(ended.length);
      for (const [index, { startedAt }] of actions.entries()) {
        expect(startedAt).toBeGreaterThanOrEqual(actions[index - 1]?.endsAt ?? 0);
      }
    }
  });

  test('a disabled setting does nothing', () => {
    expect(run(['disabled'])[0]?.actions).toEqual([]);
  });
});

test.each(readdirSync(new URL('.', import.meta.url)).filter((name) => !name.includes('.test.')))(
  'shares no code with core: %s',
  (name) => {
    const text = readFileSync(new URL(name, import.meta.url), 'utf8');
    const imported = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from!);
    const own = /^\.\.?\/[\w-]+\.ts$/;
    expect(imported.filter((from) => !own.test(from))).toEqual([]);
    const shared = imported.filter((from) => from.startsWith('../'));
    expect(shared.filter((from) => !/(durations|random|zone)\.ts$/.test(from))).toEqual([]);
  },
);
