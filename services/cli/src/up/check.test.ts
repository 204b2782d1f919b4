import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { AuditRecord } from '@headroom/core';
import { MemoryAudit, VirtualClock } from '@headroom/memory';
import type { CapacityReading } from '@headroom/ports';
import { brokenInvariants } from './check.ts';
import { action, fixtureStart, fixtureTarget, hold, outcomeOf } from './records.fixture.ts';
import { settle, settleLimitMs } from './settle.ts';

const target = fixtureTarget;
const well = [
  hold('h', 5),
  action('a', 70, 2, 4),
  outcomeOf('a', 79, 4),
  action('b', 150, 4, 3),
  outcomeOf('b', 158, 3),
];
const divergence: AuditRecord = {
  kind: 'divergence',
  divergence: {
    id: 'x',
    recordId: 'decision:a',
    target: fixtureTarget,
    at: fixtureStart,
    second: '{}',
  },
};

describe('the invariants of a run', () => {
  test('hold where each action has one decision record and one outcome', () => {
    expect(brokenInvariants({ target, records: well, capacity: 3 })).toEqual([]);
  });

  test.each<[string, readonly AuditRecord[], number | undefined, string]>([
    ['an action without outcome', [action('c', 200, 3, 2)], 3, 'action c has no outcome'],
    ['a second outcome', [outcomeOf('a', 80, 4, 'NoOp')], 3, 'action a has more than one outcome'],
    [
      'a second decision record',
      [action('b', 150, 4, 3)],
      3,
      'action b has more than one decision record',
    ],
    [
      'an outcome of nobody',
      [outcomeOf('z', 90, 3, 'NoOp')],
      3,
      'the outcome of z has no decision record',
    ],
    ['another capacity', [], 4, 'chat/blue has 4 instances, but 3 were applied last (b)'],
    ['no capacity', [], undefined, 'the capacity of chat/blue could not be read'],
    ['a divergence', [divergence], 3, 'record decision:a came with two contents'],
  ])('%s is named', (_, more, capacity, problem) => {
    const known = capacity === undefined ? {} : { capacity };
    expect(brokenInvariants({ target, records: [...well, ...more], ...known })).toEqual([problem]);
  });

  test('what was not applied does not change the capacity that is expected', () => {
    const superseded = [action('c', 200, 3, 2), outcomeOf('c', 201, 2, 'Superseded')];
    expect(brokenInvariants({ target, records: [...well, ...superseded], capacity: 3 })).toEqual(
      [],
    );
  });
});

describe('settling', () => {
  const never = new AbortController().signal;

  function scene(readings: readonly CapacityReading[]) {
    const audit = new MemoryAudit();
    const clock = new VirtualClock(instant(fixtureStart + 200_000));
    let asked = 0;
    const read = () =>
      Promise.resolve(readings[Math.min(asked++, readings.length - 1)] ?? readings[0]!);
    return { audit, clock, scaled: [{ target, read }] };
  }
  const idle = { kind: 'capacity', instances: 3, busy: false } as const;

  test('waits for what is running', async () => {
    const parts = scene([{ ...idle, instances: 4, busy: true }, idle]);
    for (const record of well.slice(0, -1)) await parts.audit.create(record);
    const settled = settle(parts, never);
    await parts.clock.advance(400);
    await parts.audit.create(well.at(-1)!);
    await parts.clock.advance(200);
    expect(await settled).toEqual({ capacities: new Map([[target, 3]]), problems: [] });
  });

  test('gives up after its limit and says what is missing', async () => {
    const parts = scene([idle]);
    for (const record of well.slice(0, -1)) await parts.audit.create(record);
    const settled = settle(parts, never);
    await parts.clock.advance(settleLimitMs + 1_000);
    expect((await settled).problems).toContain('action b has no outcome');
  });

  test('gives up at once when somebody is in a hurry', async () => {
    const parts = scene([{ ...idle, busy: true }]);
    const settled = await settle(parts, AbortSignal.abort());
    expect(settled.problems).toEqual(['an operation is still running on chat/blue']);
  });
});
