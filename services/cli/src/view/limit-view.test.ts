import { describe, expect, test } from '@jest/globals';
import { defaultQuotaPoolPolicy, explain, targetId } from '@headroom/core';
import type { Decision, Outcome, Override } from '@headroom/core';
import { plainColors } from './colors.ts';
import { decisionLine, outcomeLine } from './decision-line.ts';
import { explanationLines } from './explanation-lines.ts';
import { accountId, limitDecisionOn } from './limit.fixture.ts';
import type { ToldOfLimit } from './limit.fixture.ts';
import { at, decisionOn, minutesFromNow } from './explanation.fixture.ts';
import { recordLines } from './record-lines.ts';

const lines = (told: ToldOfLimit): readonly string[] => {
  const { decision, content } = limitDecisionOn(told);
  return explanationLines(explain(decision, content), plainColors);
};

/** The head, and what was looked at. */
function toldOf(told: ToldOfLimit): { head: readonly string[]; limit: readonly string[] } {
  const all = lines(told);
  const from = all.indexOf('Limit') + 1;
  return { head: all.slice(0, 2), limit: all.slice(from, all.indexOf('', from)) };
}

describe('a decision on a limit, explained', () => {
  test('a raise, whole', () => {
    expect(lines({})).toEqual([
      'ScaleOut Throttled  vision/default  2026-11-21 14:07:09Z',
      '  From 10 to 14.7 calls/s. Calls were answered 429 for their rate, and the backend has room.',
      `  ${accountId}/ratelimits/default`,
      '',
      'Made with',
      `  setting ${accountId}, version 3, mode act`,
      '  pace: azure (default: fast)',
      '  log partition 3, event 412; code 0.1.0+tz2025b',
      '  decision 5a1d2c3b4a5968778695a4b3c2d1e0f0',
      '',
      'Limit',
      '  decided by: does the backend have room?',
      '  limit default: default 10, at most 1000 calls/s',
      '  412 calls were answered 429 since 2026-11-21 14:03:09Z',
      '  at most 30 calls/s were asked for since the check at 2026-11-21 14:02:09Z',
      '  the backend serves 250 calls/s; limits that may be raised allow 10 calls/s together, 0 above their defaults',
      '  the backend is looked at again at 2026-11-21 14:12:09Z, 5 min later',
      '',
      'Step by step',
      '  throttled: 412 calls answered 429 since the last check',
      '  available: the backend serves 250 calls a second, limits allow 10',
    ]);
  });

  const quiet = { blocked: 0, quietSince: minutesFromNow(-15) };
  const term = { owner: 'ann', reason: 'drill', at: minutesFromNow(-1), until: minutesFromNow(5) };
  const full = { capacityTps: 100, sumTps: 100, raisedTps: 90 };

  test.each<[string, ToldOfLimit, string, string]>([
    [
      'no room',
      { limit: 100, facts: { backend: full } },
      'It stays at 100 calls/s. Calls were answered 429, but the backend has no more room: it is asked again.',
      'decided by: does the backend have room?',
    ],
    [
      'a backend that serves less',
      { limit: 100, facts: { backend: { ...full, capacityTps: 40 } } },
      'From 100 to 40 calls/s. The backend has less room than the limit.',
      'the backend serves 40 calls/s; limits that may be raised allow 100 calls/s together, 90 above their defaults',
    ],
    [
      'less room than the growth',
      { limit: 100, facts: { backend: { ...full, capacityTps: 110 } } },
      'From 100 to 110 calls/s. Calls were answered 429 for their rate, and the backend has room.',
      'the growth asked for 146.8 calls/s',
    ],
    [
      'a check to come',
      { facts: { checkedAt: minutesFromNow(-1), watchedSince: minutesFromNow(-11) } },
      'It stays at 10 calls/s. Calls were answered 429; it is not yet time to look at the backend.',
      'the backend is looked at again at 2026-11-21 14:11:09Z, 4 min later',
    ],
    [
      'nobody blocked',
      {
        limit: 100,
        facts: { ...quiet, demandTps: 12, backend: { ...full, capacityTps: 250 } },
      },
      'Nobody ran into the limit for a while.',
      'decided by: does anybody run into it?',
    ],
    [
      'the switch',
      { limit: 100, account: { dynamicThrottlingEnabled: false } },
      'From 100 to 10 calls/s. The autoscale of the account is switched off: its limits are the defaults.',
      'decided by: is the autoscale switched on?',
    ],
    [
      'the free tier',
      { account: { sku: 'F0' } },
      'It stays at 10 calls/s. Neither Azure nor Headroom raises the limits of such an account.',
      'decided by: may the limits of such an account be raised?',
    ],
    [
      'a caller far above its history',
      { facts: { anomaly: { caller: 'app7', perMinute: 30_000, usualPerMinute: 61.23 } } },
      'One caller is far above its own history: a person has to confirm the raise.',
      'app7 makes 30000 calls a minute, usually 61.2',
    ],
    [
      'money that is spent',
      {
        limit: 100,
        facts: { spend: { breach: 'the account spent 5.00 EUR of 5.00 EUR in the last hour' } },
      },
      'From 100 to 10 calls/s. The calls cost as much as they may: the limit falls to its default.',
      'the account spent 5.00 EUR of 5.00 EUR in the last hour',
    ],
    [
      'money that leaves no room',
      { limit: 100, facts: { spend: { boundTps: 99.96 } } },
      'It stays at 100 calls/s. The caps in money leave no room for a raise.',
      'the caps in money leave room for 100 calls/s',
    ],
    [
      'a pin',
      { overrides: [{ ...term, kind: 'pin', to: 120 } satisfies Override] },
      'From 10 to 120 calls/s. Somebody pinned the limits of the account.',
      'decided by: has somebody put something above it?',
    ],
  ])('%s', (_, told, head, limit) => {
    const found = toldOf(told);
    expect(found.head[1]).toContain(head);
    expect(found.limit).toContain(`  ${limit}`);
  });

  test('a pause, with its end', () => {
    const all = lines({ overrides: [{ ...term, kind: 'pause' }] });
    expect(all).toContain('  That ends at 2026-11-21 14:12:09Z, 5 min after the decision.');
    expect(all).toContain('  paused by ann until 2026-11-21 14:12:09Z: drill (in force)');
  });

  test('without the account on record, what was seen is told all the same', () => {
    const { decision } = limitDecisionOn({});
    const all = explanationLines(explain(decision, undefined), plainColors);
    expect(all).toContain('  412 calls were answered 429 since 2026-11-21 14:03:09Z');
    expect(all.join('\n')).not.toContain('flip');
  });
});

describe('lines of limits and of units', () => {
  const { decision } = limitDecisionOn({});
  const outcome: Outcome = {
    ...{ id: 'o', commandId: decision.id, target: decision.target, kind: 'Applied', to: 14.7 },
    ...{ capacity: 14.7, reachedProvider: true, detail: 'set', at },
    source: { kind: 'log', position: decision.position },
  };
  const chat = targetId(`${accountId}/deployments/chat`);

  test('say calls a second', () => {
    expect(decisionLine(decision, plainColors)).toContain(
      'vision/default  10 → 14.7 calls/s  412 calls',
    );
    expect(
      outcomeLine({ kind: 'outcome', outcome, record: { kind: 'outcome', outcome } }, plainColors),
    ).toContain('vision/default  14.7 calls/s');
    expect(recordLines({ kind: 'decision', decision }, plainColors)[0]).toContain(
      '10 → 14.7 calls/s',
    );
    expect(recordLines({ kind: 'outcome', outcome }, plainColors)[0]).toContain(
      'asked for 14.7, has 14.7 calls/s',
    );
  });

  test('say units of a model deployment', () => {
    const moved = { ...outcome, target: chat, to: 20, capacity: 20 };
    expect(recordLines({ kind: 'outcome', outcome: moved }, plainColors)[0]).toContain(
      'vision/chat  asked for 20, has 20 units',
    );
    expect(
      outcomeLine(
        { kind: 'outcome', outcome: moved, record: { kind: 'outcome', outcome } },
        plainColors,
      ),
    ).toContain('vision/chat  20 units');
  });

  test("an account's version names its overrides", () => {
    const { content } = limitDecisionOn({
      overrides: [
        { kind: 'confirm', at, until: minutesFromNow(60), owner: 'ann', reason: 'launch' },
      ],
    });
    const version = { target: accountId, id: accountId, version: 4, content };
    const told = recordLines(
      { kind: 'setting', setting: { id: 's', target: accountId, at, version } },
      plainColors,
    );
    expect(told.slice(0, 2)).toEqual([
      '2026-11-21 14:07:09Z  Setting  vision  version 4: limits 1, autoscale on, mode act',
      '    raises confirmed by ann until 2026-11-21 15:07:09Z: launch',
    ]);
  });
});

test('a decision on a quota pool, explained', () => {
  const chat = targetId(`${accountId}/deployments/chat`);
  const batch = targetId(`${accountId}/deployments/batch`);
  const pool = targetId(
    '/subscriptions/s/providers/Microsoft.CognitiveServices/locations/we/usages/gpt',
  );
  const state = { members: [{ target: chat, capacity: 20 }, { target: batch }] };
  const free = { amount: 0, observedAt: at };
  const use = [{ target: chat, throttled: 412.3, served: 80, used: 18 }];
  const deployments = [chat, batch].map((target) => ({
    ...{ target, guarantee: 10, maximum: 60, priority: 1, minimum: 1, step: 1 },
  }));
  const policy = { ...defaultQuotaPoolPolicy, idleBelow: 0.3 };
  const content = {
    kind: 'quotaPool',
    policy,
    overrides: [],
    pool: { id: pool, name: 'gpt', deployments },
  } as const;
  const { decision: base } = decisionOn({});
  const decision: Decision = {
    ...base,
    rules: [],
    ...{ target: pool, setting: { id: pool, version: 2 } },
    ...{ outcome: 'Hold', reason: 'NoAvailableCapacity', capacity: { before: 60, after: 60 } },
    trail: [{ step: 'quota', answer: 'no quota is free, and no deployment idle' }],
    quota: { state: { ...state, free }, use },
  };
  expect(explanationLines(explain(decision, content), plainColors)).toEqual([
    'Hold NoAvailableCapacity  we/gpt  2026-11-21 14:07:09Z',
    '  It stays at 60 units. Calls were answered 429, but no quota is free and no deployment idle.',
    `  ${pool}`,
    '',
    'Made with',
    `  setting ${pool}, version 2, mode act`,
    '  idleBelow: 0.3 (default: 0.5)',
    '  log partition 3, event 412; code 0.1.0+tz2025b',
    '  decision 4f1d2c3b4a5968778695a4b3c2d1e0f0',
    '',
    'Quota',
    '  vision/chat: 20 units, uses 90 %, 412 calls a minute answered 429',
    '  vision/batch: capacity not known, what it does is not known',
    '  0 units free, as of 2026-11-21 14:07:09Z',
    '',
    'Step by step',
    '  quota: no quota is free, and no deployment idle',
  ]);
});
