import { describe, expect, test } from '@jest/globals';
import { after, hourMs, minuteMs, secondMs } from '../lang/instant.ts';
import type { Rule, ScaleAction } from '../setting/autoscale-setting.ts';
import type { Override } from '../setting/override.ts';
import { defaultPolicy } from '../setting/policy.ts';
import type { MissingDataPolicy, Policy } from '../setting/policy.ts';
import { decideOn, known, now, rule, setting } from './decide.fixture.ts';
import type { Readings } from './decide.fixture.ts';
import type { TargetState, Verdict } from './decision.ts';

const cpu = [rule('cpu > 70 out 2'), rule('cpu < 30 in 1')];

/** `ScaleOut ScaleOutRule 2→4`. */
function said({ outcome, reason, capacity }: Verdict): string {
  const counts = outcome === 'Hold' ? '' : ` ${capacity.before ?? '?'}→${capacity.after ?? '?'}`;
  return `${outcome} ${reason}${counts}`;
}

interface Given {
  readonly rules?: readonly Rule[];
  readonly policy?: Partial<Policy>;
  readonly overrides?: readonly Override[];
  readonly state?: Partial<TargetState>;
  readonly limits?: Parameters<typeof setting>[1];
}

function decided(at: number, readings: Readings, given: Given = {}): Verdict {
  const { rules = cpu, policy, overrides = [], state, limits } = given;
  const over = { policy: { ...defaultPolicy, ...policy }, overrides };
  return decideOn(setting(rules, limits), known(at, state), readings, over);
}

describe('cooldownFrom', () => {
  const rules = [
    rule('cpu > 70 out 1', {}, 60 * minuteMs),
    rule('cpu < 30 in 1', {}, 40 * minuteMs),
  ];
  const state = {
    lastActionAt: after(now, -45 * minuteMs),
    lastActionDirection: 'in',
    lastCooldownMs: 40 * minuteMs,
  } as const;

  test('candidateRule: a rule waits its own cooldown', () => {
    expect(said(decided(3, { cpu: 90 }, { rules, state }))).toBe('Hold Cooldown');
  });

  test('lastFiredRule: every rule waits the cooldown of the one that won last', () => {
    const policy = { cooldownFrom: 'lastFiredRule' } as const;
    expect(said(decided(3, { cpu: 90 }, { rules, state, policy }))).toBe(
      'ScaleOut ScaleOutRule 3→4',
    );
  });

  test('lastFiredRule after bounds, pin or default: its own', () => {
    const policy = { cooldownFrom: 'lastFiredRule' } as const;
    const { lastActionAt } = state;
    const given = { rules, state: { lastActionAt }, policy };
    expect(said(decided(3, { cpu: 90 }, given))).toBe('Hold Cooldown');
  });
});

describe('scaleOutPreemptsCooldown', () => {
  const policy = { scaleOutPreemptsCooldown: true };
  const lastActionAt = after(now, -minuteMs);

  test.each([
    ['in', 'ScaleOut ScaleOutRule 3→5'],
    ['out', 'Hold Cooldown'],
    [undefined, 'Hold Cooldown'],
  ] as const)('after an action %s: %s', (direction, expected) => {
    const way = direction === undefined ? {} : { lastActionDirection: direction };
    const given = { policy, state: { lastActionAt, ...way } };
    expect(said(decided(3, { cpu: 90 }, given))).toBe(expected);
  });

  test('is on record', () => {
    const state = { lastActionAt, lastActionDirection: 'in' } as const;
    const { trail, rules } = decided(3, { cpu: 90 }, { policy, state });
    expect(trail.map(({ step }) => step)).toContain('cooldown');
    expect(rules[0]?.cooldownLeftMs).toBe(4 * minuteMs);
  });

  test('a scale-in waits as ever', () => {
    const state = { lastActionAt, lastActionDirection: 'in' } as const;
    expect(said(decided(3, { cpu: 10 }, { policy, state }))).toBe('Hold Cooldown');
  });
});

describe('flapBudget', () => {
  const policy = { flapBudget: 2 };
  const old = { lastActionAt: after(now, -30 * minuteMs) };
  const recent = (...minutesAgo: readonly number[]) => ({
    ...old,
    recentActions: minutesAgo.map((minutes) => after(now, -minutes * minuteMs)),
  });

  test.each([
    [[40, 30], 90, 'Hold FlapBudget'],
    [[60, 30], 90, 'ScaleOut ScaleOutRule 3→5'],
    [[30], 90, 'ScaleOut ScaleOutRule 3→5'],
    [[50, 40, 30], 10, 'Hold FlapBudget'],
    [[40, 30], 50, 'Hold NotTriggered'],
  ] as const)('actions %j minutes ago, cpu %d: %s', (minutesAgo, value, expected) => {
    const given = { policy, state: recent(...minutesAgo) };
    expect(said(decided(3, { cpu: value }, given))).toBe(expected);
  });

  test('comes before a cooldown that raises, and after one that lowers', () => {
    const state = { ...recent(40, 30), lastActionAt: after(now, -minuteMs) };
    expect(said(decided(3, { cpu: 90 }, { policy, state }))).toBe('Hold FlapBudget');
    expect(said(decided(3, { cpu: 10 }, { policy, state }))).toBe('Hold Cooldown');
  });

  test('is looked at again when the next action fits', () => {
    const { dueAt } = decided(3, { cpu: 90 }, { policy, state: recent(50, 40, 30) });
    expect(dueAt).toBe(after(now, -40 * minuteMs + hourMs));
  });

  test('bounds and the default do not ask for it', () => {
    const given = { policy, state: recent(40, 30), limits: { minimum: 2, default: 4 } };
    expect(said(decided(1, {}, given))).toBe('ScaleOut BelowMinimum 1→2');
    expect(said(decided(2, {}, given))).toBe('ScaleOut DefaultCapacity 2→4');
  });
});

describe('missingData', () => {
  const limits = { default: 4 };
  const using = (out: MissingDataPolicy): Partial<Policy> => ({
    missingData: { ...defaultPolicy.missingData, out },
  });
  const outOnly = [rule('cpu > 70 out 2')];

  test.each([
    ['default', 2, 'ScaleOut DefaultCapacity 2→4'],
    ['default', 5, 'Hold MetricMissing'],
    ['hold', 2, 'Hold MetricMissing'],
    ['failUp', 2, 'ScaleOut ScaleOutRule 2→4'],
    ['failUp', 5, 'ScaleOut ScaleOutRule 5→7'],
  ] as const)('%s at %d instances: %s', (kind, at, expected) => {
    const given = { rules: outOnly, limits, policy: using({ kind }) };
    expect(said(decided(at, {}, given))).toBe(expected);
  });

  test('a rule has its own choice', () => {
    const rules = [{ rule: 0, use: { kind: 'hold' } }] as const;
    const policy = { missingData: { ...defaultPolicy.missingData, rules } };
    expect(said(decided(2, {}, { rules: outOnly, limits, policy }))).toBe('Hold MetricMissing');
    const elsewhere = [{ profile: 'night', rule: 0, use: { kind: 'hold' } }] as const;
    const other = { missingData: { ...defaultPolicy.missingData, rules: elsewhere } };
    expect(said(decided(2, {}, { rules: outOnly, limits, policy: other }))).toBe(
      'ScaleOut DefaultCapacity 2→4',
    );
  });

  test('failUp waits for a cooldown and knows the maximum like any rule that fired', () => {
    const policy = using({ kind: 'failUp' });
    const state = { lastActionAt: now };
    expect(said(decided(3, {}, { policy, state }))).toBe('Hold Cooldown');
    expect(said(decided(10, {}, { policy }))).toBe('Hold AtMaximum');
  });

  test('none of them scales in', () => {
    const both = [rule('cpu > 70 out 2'), rule('mem < 30 in 1')];
    for (const kind of ['hold', 'default'] as const) {
      const given = { rules: both, policy: using({ kind }) };
      expect(said(decided(5, { mem: 10 }, given))).toBe('Hold MetricMissing');
    }
  });
});

describe('overrides', () => {
  const term = {
    at: after(now, -minuteMs),
    until: after(now, minuteMs),
    owner: 'ops',
    reason: 'drill',
  };
  const pause: Override = { kind: 'pause', ...term };
  const freeze: Override = { kind: 'freeze', ...term };
  const pin = (to: number): Override => ({ kind: 'pin', to, ...term });

  test.each([
    ['a pause', [pause], 'Hold Paused'],
    ['a freeze', [freeze], 'Hold Frozen'],
    ['both', [freeze, pause], 'Hold Paused'],
    ['a pin', [pin(6)], 'ScaleOut Pinned 3→6'],
    ['a pin that is reached', [pin(3)], 'Hold Pinned'],
    ['a pin above the maximum', [pin(50)], 'ScaleOut Pinned 3→10'],
    ['a pin below the minimum', [pin(0)], 'ScaleIn Pinned 3→2'],
    ['a pause above a pin', [pin(6), pause], 'Hold Paused'],
    ['one that has ended', [{ ...pause, until: now }], 'ScaleOut ScaleOutRule 3→5'],
    ['one that is to come', [{ ...pause, at: after(now, 1) }], 'ScaleOut ScaleOutRule 3→5'],
    ['one that begins now', [{ ...pause, at: now }], 'Hold Paused'],
  ] as const)('%s', (_, overrides, expected) => {
    const given = { overrides, limits: { minimum: 2 } };
    expect(said(decided(3, { cpu: 90 }, given))).toBe(expected);
  });

  test('say who and why', () => {
    const { trail } = decided(3, {}, { overrides: [pause] });
    expect(trail.at(-1)).toEqual({
      step: 'override',
      answer: 'paused by ops for 1 min more: drill',
    });
  });

  test('their beginning and end are looked at', () => {
    expect(decided(3, {}, { overrides: [pause] }).dueAt).toBe(term.until);
    const later = { ...pause, at: after(now, 30 * secondMs) };
    expect(decided(3, { cpu: 50 }, { overrides: [later] }).dueAt).toBe(later.at);
  });

  test('a pin ignores a cooldown, and waits for an operation and a back-off', () => {
    const overrides = [pin(6)];
    expect(said(decided(3, {}, { overrides, state: { lastActionAt: now } }))).toBe(
      'ScaleOut Pinned 3→6',
    );
    const backoff = { failures: 1, until: after(now, 1) };
    expect(said(decided(3, {}, { overrides, state: { backoff } }))).toBe('Hold Backoff');
  });
});

describe('ServiceAllowedNextValue', () => {
  const toNext = (text: string, direction: ScaleAction['direction']): Rule => {
    const { trigger, action } = rule(text);
    return { trigger, action: { ...action, type: 'ServiceAllowedNextValue', direction } };
  };
  const rules = [toNext('cpu > 70 out 1', 'Increase'), toNext('cpu < 30 in 1', 'Decrease')];
  const policy = { capacityLadder: [1, 2, 4, 8, 16] };

  test.each([
    [4, 90, 'ScaleOut ScaleOutRule 4→8'],
    [3, 90, 'ScaleOut ScaleOutRule 3→4'],
    [8, 90, 'Hold NotTriggered'],
    [8, 10, 'ScaleIn ScaleInRule 8→4'],
    [3, 10, 'ScaleIn ScaleInRule 3→2'],
    [1, 10, 'Hold AtMinimum'],
    [4, 29, 'ScaleIn ScaleInRule 4→2'],
  ] as const)('at %d, cpu %d: %s', (at, value, expected) => {
    expect(said(decided(at, { cpu: value }, { rules, policy }))).toBe(expected);
  });

  test('without a ladder it moves by one', () => {
    expect(said(decided(4, { cpu: 90 }, { rules }))).toBe('ScaleOut ScaleOutRule 4→5');
  });

  test('flapping tries counts of the ladder only', () => {
    const steep = [rule('cpu > 70 out 1'), rule('cpu < 30 in 7')];
    expect(said(decided(8, { cpu: 20 }, { rules: steep, policy }))).toBe(
      'ScaleIn FlappingAdjusted 8→4',
    );
    expect(said(decided(8, { cpu: 20 }, { rules: steep }))).toBe('ScaleIn FlappingAdjusted 8→3');
  });
});

describe('queues', () => {
  const queue =
    '/subscriptions/s/providers/microsoft.storage/storageaccounts/a/services/queue/queues/q';
  const bus = '/subscriptions/s/providers/microsoft.servicebus/namespaces/n';

  test.each([
    ['ApproximateMessageCount', queue, 'Hold NotTriggered'],
    ['ActiveMessageCount', `${bus}/queues/q`, 'Hold NotTriggered'],
    ['ApproximateMessageCount', `${bus}/queues/q`, 'ScaleOut ScaleOutRule 2→3'],
    ['cpu', queue, 'ScaleOut ScaleOutRule 2→3'],
  ] as const)(
    '%s of %s is divided by the instances without being told: %s',
    (metric, resource, expected) => {
      const rules = [rule(`${metric} >= 50 out 1`, { resource })];
      expect(said(decided(2, { [metric]: 50 }, { rules }))).toBe(expected);
    },
  );
});

test('without a profile that applies it holds with Error', () => {
  const scheduled = setting(cpu);
  const verdict = decideOn({ ...scheduled, profiles: [] }, known(3), { cpu: 90 });
  expect(said(verdict)).toBe('Hold Error');
  expect(verdict.profile).toBeUndefined();
});

test('the winner is the rule that asked for most, ties the first', () => {
  const rules = [rule('cpu > 70 out 1'), rule('cpu > 60 out 3'), rule('mem > 60 out 3')];
  const verdict = decided(3, { cpu: 90, mem: 90 }, { rules });
  expect(verdict).toMatchObject({ winner: 1, capacity: { before: 3, proposed: 6, after: 6 } });
});
