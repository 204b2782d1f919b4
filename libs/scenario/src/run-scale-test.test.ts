import { describe, expect, test } from '@jest/globals';
import { minuteMs, secondMs } from '@headroom/core';
import type { ScaleTestDocument } from './document.ts';
import { run } from './scale-test.fixture.ts';
import type { FailedDecisions, FailedExpectation } from './run-scale-test.ts';

const cpu = (values: string, more: object = {}) => ({
  metric: 'Cpu',
  every: '1m',
  values,
  ...more,
});
const out = (at: string, from: number, to: number) =>
  ({ at, outcome: 'ScaleOut', from, to }) as const;
const inward = (at: string, from: number, to: number) =>
  ({ at, outcome: 'ScaleIn', from, to }) as const;

/** What a run is, case by case. Above 75 it scales out by 2, below 30 in by 1; window and cooldown are 5 minutes. */
const rules: Readonly<Record<string, Partial<ScaleTestDocument>>> = {
  'the setting is evaluated at the start': {
    capacity: 12,
    expect: [{ at: '0s', outcome: 'ScaleIn', reason: 'AboveMaximum', capacity: 10 }],
    decisions: [inward('0s', 12, 10)],
  },
  'a sample is known when its minute ends': {
    input: [cpu('80x5')],
    expect: [
      { at: '4m59s', outcome: 'Hold', reason: 'Warming', observed: { 0: null } },
      { at: '5m', outcome: 'ScaleOut', reason: 'ScaleOutRule', observed: { 0: 80, 1: 80 } },
    ],
    decisions: [out('5m', 2, 4)],
  },
  'a lag makes it come later': {
    input: [cpu('80x5', { lag: '3m' })],
    expect: [{ at: '7m59s', outcome: 'Hold' }],
    decisions: [out('8m', 2, 4)],
  },
  'what comes in one instant is one message: 100 alone would scale out': {
    input: [
      cpu('100x5', { dimensions: { instance: 'a' } }),
      cpu('0x5', { dimensions: { instance: 'b' } }),
    ],
    expect: [{ at: '5m', reason: 'NotTriggered', observed: { 0: 50 } }],
    decisions: [],
  },
  'and neither the way it came nor the resource parts it': {
    input: [
      cpu('100x5', { dimensions: { instance: 'a' }, path: 'push' }),
      { metric: 'Memory', every: '1m', values: '9x5', resource: '/subscriptions/s/x' },
      cpu('0x5', { dimensions: { instance: 'b' }, path: 'export' }),
    ],
    decisions: [],
  },
  'an operation of 0 s ends right after its evaluation; the next one is a second later': {
    input: [cpu('80x5')],
    expect: [
      { at: '5m', outcome: 'ScaleOut', capacity: 4 },
      { at: '5m1s', outcome: 'Hold', reason: 'Cooldown', capacity: 4 },
    ],
  },
  'a longer one is waited for, and its end is part of its instant': {
    scaling: '2m',
    input: [cpu('80x7')],
    expect: [
      { at: '5m', outcome: 'ScaleOut', capacity: 2 },
      { at: '6m', outcome: 'Hold', reason: 'InFlight', capacity: 2 },
      { at: '6m59s', capacity: 2 },
      { at: '7m', outcome: 'Hold', reason: 'Cooldown', capacity: 4 },
    ],
    decisions: [out('5m', 2, 4)],
  },
  'one that fails does so at once, changes nothing and starts the cooldown': {
    scaling: 'fail',
    input: [cpu('80x10')],
    expect: [
      { at: '5m', outcome: 'ScaleOut', capacity: 2 },
      { at: '5m1s', outcome: 'Hold', reason: 'Backoff', capacity: 2 },
      { at: '5m5s', outcome: 'Hold', reason: 'Cooldown' },
    ],
    decisions: [out('5m', 2, 4), out('10m', 2, 4)],
  },
  'somebody changes the capacity by hand': {
    input: [cpu('80x5')],
    events: [{ at: '2m', capacity: 6 }],
    expect: [
      { at: '1m59s', capacity: 2 },
      { at: '2m', outcome: 'Hold', reason: 'Warming', capacity: 6 },
    ],
    decisions: [out('5m', 6, 8)],
  },
  "an operation's end sets its own count, whatever was set by hand meanwhile": {
    scaling: '2m',
    input: [cpu('80x5')],
    events: [{ at: '6m', capacity: 9 }],
    expect: [
      { at: '6m', capacity: 9 },
      { at: '7m', capacity: 4 },
    ],
  },
  'a late sample fills its minute': {
    capacity: 3,
    input: [cpu('20x3 _ 20')],
    events: [{ at: '5m30s', sample: { metric: 'Cpu', time: '3m', value: 20 } }],
    expect: [
      { at: '5m', outcome: 'Hold', reason: 'MetricMissing' },
      { at: '5m30s', outcome: 'ScaleIn', reason: 'ScaleInRule', projected: { 0: 30 } },
    ],
    decisions: [inward('5m30s', 3, 2)],
  },
  'a sample of the same series, minute and grain replaces the earlier; events come after inputs': {
    input: [cpu('80x5')],
    events: [{ at: '5m', sample: { metric: 'Cpu', time: '4m', value: 0 } }],
    expect: [{ at: '5m', reason: 'NotTriggered', observed: { 0: 64 } }],
    decisions: [],
  },
  'a pin moves and holds until it ends': {
    events: [{ at: '1m', override: { pin: 3, for: '1m', owner: 'ops', reason: 'drill' } }],
    expect: [
      { at: '1m', outcome: 'ScaleOut', reason: 'Pinned', capacity: 3 },
      { at: '1m59s', outcome: 'Hold', reason: 'Pinned' },
      { at: '2m', outcome: 'Hold', reason: 'Warming' },
    ],
    decisions: [{ at: '1m', reason: 'Pinned', from: 2, to: 3 }],
  },
  'a pause and a freeze hold': {
    input: [cpu('80x7')],
    events: [
      { at: '0s', override: { pause: true, for: '6m' } },
      { at: '6m', override: { freeze: true, for: '1m' } },
    ],
    expect: [
      { at: '5m', outcome: 'Hold', reason: 'Paused' },
      { at: '6m', outcome: 'Hold', reason: 'Frozen' },
    ],
    decisions: [out('7m', 2, 4)],
  },
  'the way that data come decides how old they may be': {
    input: [cpu('50x5', { path: 'push' })],
    expect: [
      { at: '7m', reason: 'NotTriggered' },
      { at: '7m1s', reason: 'MetricMissing' },
    ],
  },
  'in mode observe nothing is carried out, and a cooldown starts at the decision': {
    options: { mode: 'observe' },
    input: [cpu('80x10')],
    expect: [{ at: '6m', outcome: 'Hold', reason: 'Cooldown', capacity: 2 }],
    decisions: [out('5m', 2, 4), out('10m', 2, 4)],
  },
  'the run ends with what arrives last': { input: [cpu('80x5')], decisions: [out('5m', 2, 4)] },
  'or with the last expectation': {
    input: [cpu('80x5')],
    expect: [{ at: '10m', capacity: 6 }],
    decisions: [out('5m', 2, 4), out('10m', 4, 6)],
  },
  'or with the operation that runs then; what that begins is not awaited': {
    scaling: '5m',
    input: [cpu('80x5')],
    decisions: [out('5m', 2, 4), out('10m', 4, 6)],
  },
  'gaps at the end are no arrivals': {
    input: [cpu('80x5 _x60')],
    decisions: [out('5m', 2, 4)],
  },
  'numbers are compared within a billionth': {
    input: [cpu('33.3x5', { dimensions: { i: 'a' } }), cpu('66.7 66.6x4')],
    expect: [{ at: '5m', observed: { 0: 49.96 } }],
  },
  'expectations may stand in any order': {
    input: [cpu('80x5')],
    expect: [
      { at: '5m', capacity: 4 },
      { at: '4m', capacity: 2 },
    ],
  },
};

describe('a run', () => {
  test.each(Object.entries(rules))('%s', (_name, document) => {
    expect(run(document).failures).toEqual([]);
  });

  test('is the same each time', () => {
    const document = { scaling: '45s', input: [cpu('80x20 20x60')] };
    expect(run(document).actions.length).toBeGreaterThan(5);
    expect(run(document).actions).toEqual(run(document).actions);
    expect(run(document).evaluations).toBe(run(document).evaluations);
  });
});

describe('a failure', () => {
  const { failures } = run({
    input: [cpu('50x6 80x4')],
    expect: [
      { at: '5m', outcome: 'ScaleOut', reason: 'ScaleOutRule', capacity: 4, observed: { 0: 50.1 } },
      { at: '5m', profile: 'Weekend', projected: { 0: 70 }, observed: { 7: 1 } },
      { at: '6m', outcome: 'Hold' },
    ],
    decisions: [out('5m', 2, 4)],
  });
  const [first, second, last] = failures as [FailedExpectation, FailedExpectation, FailedDecisions];

  test('names each key that is not as expected, and what was found', () => {
    expect(failures).toHaveLength(3);
    expect(first.differences).toEqual([
      { key: 'outcome', expected: 'ScaleOut', found: 'Hold' },
      { key: 'reason', expected: 'ScaleOutRule', found: 'NotTriggered' },
      { key: 'capacity', expected: '4', found: '2' },
      { key: 'observed[0]', expected: '50.1', found: '50' },
    ]);
    expect(second.differences).toEqual([
      { key: 'profile', expected: 'Weekend', found: 'default' },
      { key: 'observed[7]', expected: '1', found: 'none: the profile has 2 rules' },
      { key: 'projected[0]', expected: '70', found: 'none' },
    ]);
  });

  test('shows what happened around it', () => {
    expect(first.evaluation?.reason).toBe('NotTriggered');
    const at = first.timeline.map((row) => row.at);
    expect(at.filter((ms) => ms <= 5 * minuteMs)).toHaveLength(10);
    expect(at.filter((ms) => ms > 5 * minuteMs)).toHaveLength(3);
    const rows = first.timeline.filter((row) => row.at === 5 * minuteMs);
    expect(rows).toEqual([
      { at: 5 * minuteMs, capacity: 2, kind: 'arrival', text: 'cpu 50' },
      {
        at: 5 * minuteMs,
        capacity: 2,
        kind: 'evaluation',
        text: 'Hold NotTriggered (default): Cpu 50 > 75 not; Cpu 50 < 30 not',
      },
    ]);
  });

  test('of the decisions says what was expected and what was found', () => {
    expect(last).toEqual({
      kind: 'decisions',
      expected: [{ at: 5 * minuteMs, outcome: 'ScaleOut', from: 2, to: 4 }],
      found: [],
    });
  });

  test.each([
    [[out('5m', 2, 4)], true],
    [[{ at: '5m' }], true],
    [[], false],
    [[out('5m', 2, 4), out('6m', 4, 6)], false],
    [[out('5m', 2, 5)], false],
    [[out('5m', 3, 4)], false],
    [[out('6m', 2, 4)], false],
    [[inward('5m', 2, 4)], false],
    [[{ at: '5m', reason: 'Pinned' as const }], false],
  ])('decisions are all of them, in order: %j', (decisions, good) => {
    const found = run({ input: [cpu('80x5')], decisions });
    expect(found.actions).toMatchObject([{ at: 300 * secondMs, from: 2, to: 4 }]);
    expect(found.failures.length === 0).toBe(good);
  });
});
