import { describe, expect, test } from '@jest/globals';
import { minuteMs } from '@headroom/core';
import type { AutoscaleSetting, Profile, Rule } from '@headroom/core';
import { setting } from '../scale-test.fixture.ts';
import { assess } from './assess.ts';
import type { Assessment } from './assessment.ts';
import { historyOf, minute, start } from './history.fixture.ts';
import type { Told } from './history.fixture.ts';

// CPU above 75 scales out by 2, below 30 in by 1; windows and cooldowns of five minutes; 1 to 10 instances, default 2. With
// 80 from minute 40 on, the window that ends at minute 45 is the first above: with data of a minute and a half Azure acts
// at 46.5. Windows are judged from minute 25 on.

const [profile] = setting.profiles as readonly [Profile];
const [outRule, inRule] = profile.rules as readonly [Rule, Rule];
const climb = { cpu: '50x40 80x6 50x60' };
const out = { at: 46.5, from: 2, to: 4, ends: 50 };
const counts = [[0, 2]] as const;

function assessed(told: Told): Assessment {
  return assess(historyOf(told));
}

/** `46.5 2→4 reproduced`. */
function actionsOf({ actions }: Assessment): readonly string[] {
  return actions.map(({ at, from, to, finding }) => {
    const by = finding.kind === 'explained' ? ` by ${finding.by}` : '';
    return `${(at - start) / minuteMs} ${from}→${to} ${finding.kind}${by}`;
  });
}

/** `46.5 for 5: 2→4`. */
function missedOf({ missed }: Assessment): readonly string[] {
  return missed.map(({ at, forMs, decision: { capacity } }) => {
    const change = `${capacity.before ?? '?'}→${capacity.after ?? '?'}`;
    return `${(at - start) / minuteMs} for ${forMs / minuteMs}: ${change}`;
  });
}

function withProfile(change: Partial<Profile>): AutoscaleSetting {
  return { ...setting, profiles: [{ ...profile, ...change }] };
}

describe("an action of Azure's is reproduced", () => {
  test.each<readonly [string, Told]>([
    ['where the same is found within a minute', { metrics: climb, counts, azure: [out] }],
    ['whoever told the count', { metrics: climb, azure: [out] }],
    [
      'at the end of the cooldown that counts from the begin of its last one',
      {
        metrics: { cpu: '50x40 80x12 50x60' },
        counts,
        azure: [out, { at: 51.8, from: 4, to: 6, ends: 55 }],
      },
    ],
    [
      'after an operation that took longer than the cooldown',
      {
        metrics: { cpu: '50x40 80x31 50x20' },
        counts,
        azure: [
          { ...out, ends: 58 },
          { at: 58.4, from: 4, to: 6, ends: 70 },
          { at: 70.9, from: 6, to: 8 },
        ],
      },
    ],
    [
      'where it was changed so that it does not flap',
      {
        setting: withProfile({ rules: [outRule, action(inRule, 'ChangeCount', 5)] }),
        metrics: { cpu: '50x40 29x6 50x60' },
        counts: [[0, 6]],
        azure: [{ at: 46.5, from: 6, to: 3, ends: 50 }],
      },
    ],
    [
      'by percent',
      {
        setting: withProfile({ rules: [action(outRule, 'PercentChangeCount', 50), inRule] }),
        metrics: climb,
        counts: [[0, 5]],
        azure: [{ at: 46.5, from: 5, to: 7, ends: 50 }],
      },
    ],
    [
      'where two rules fire, to the higher count',
      {
        setting: withProfile({
          rules: [outRule, action(outRule, 'ChangeCount', 3), inRule],
        }),
        metrics: climb,
        counts,
        azure: [{ ...out, to: 5 }],
      },
    ],
    [
      'as a rise to the default, where the metric went missing',
      {
        metrics: { cpu: '50x40 _x30 50x10' },
        counts: [[0, 1]],
        azure: [{ at: 45.6, from: 1, to: 2, ends: 50 }],
      },
    ],
    [
      'back into bounds from a count set by hand',
      {
        metrics: { cpu: '50x90' },
        counts: [
          [0, 2],
          [40, 12],
        ],
        azure: [{ at: 40.7, from: 12, to: 10, ends: 50 }],
      },
    ],
    [
      'from a count set by hand',
      {
        metrics: climb,
        counts: [
          [0, 2],
          [43, 3],
        ],
        azure: [{ ...out, from: 3, to: 5 }],
      },
    ],
  ])('%s', (_, told) => {
    const assessment = assessed(told);
    const azure = told.azure ?? [];
    expect(actionsOf(assessment)).toEqual(
      azure.map(({ at, from, to }) => `${at} ${from}→${to} reproduced`),
    );
    expect(missedOf(assessment)).toEqual([]);
  });

  test('at the switch to another profile, over a change of clocks', () => {
    // Sunday 2026-03-29: at 01:00 UTC Berlin goes from 02:00 to 03:00. 04:00 there is 02:00 UTC.
    const from = new Date('2026-03-29T00:00:00Z').getTime() as typeof start;
    const schedule = {
      ...({ kind: 'recurrence', timeZone: 'Europe/Berlin' } as const),
      ...{ days: [0] as const, hour: 4, minute: 0 },
    };
    const capacity = { minimum: 5, maximum: 10, default: 5 };
    const early = { ...profile, name: 'early', capacity, schedule };
    const night = { ...profile, name: 'night', schedule: { ...schedule, hour: 0 } };
    const told: Told = {
      setting: { ...setting, profiles: [early, night] },
      from,
      metrics: { cpu: '50x180' },
      counts,
      azure: [{ at: 120.5, from: 2, to: 5, ends: 130 }],
    };
    const [action] = assessed(told).actions;
    expect(action?.finding).toMatchObject({
      kind: 'reproduced',
      decision: { reason: 'BelowMinimum', profile: 'early' },
      laterMs: -minuteMs / 2,
    });
  });
});

function action(rule: Rule, type: Rule['action']['type'], value: number): Rule {
  return { ...rule, action: { ...rule.action, type, value } };
}

function cooling(rule: Rule, minutes: number): Rule {
  return { ...rule, action: { ...rule.action, cooldownMs: minutes * minuteMs } };
}

/** Two actions in time, by which the age of the data is known; the count is 2 again at minute 200. */
const punctual = {
  cpu: '50x40 80x6 50x60 80x6 50x88',
  azure: [out, { at: 112.5, from: 4, to: 6, ends: 115 }],
  counts: [...counts, [200, 2]] as const,
};

/** What Azure read as the CPU climbed, by which its data is a minute old. */
const readInTime = [
  [42, 'Cpu', 56],
  [43, 'Cpu', 62],
  [44, 'Cpu', 68],
] as const;

describe("an action of Azure's is explained", () => {
  const later = (cpu: string) => ({ cpu: `${punctual.cpu} ${cpu}` });

  test.each<readonly [by: string, text: string, Told]>([
    [
      'dataAge',
      'with data 3 min 30 s old, where it is 1 min mostly',
      {
        ...punctual,
        metrics: later('50x40 80x6 50x60'),
        azure: [...punctual.azure, { at: 249.5, from: 2, to: 4 }],
        read: [...readInTime, [249, 'Cpu', 80]],
      },
    ],
    [
      'cooldown',
      'with the cooldown of the rule that fired last, 20 min',
      {
        setting: withProfile({ rules: [cooling(outRule, 20), inRule] }),
        ...punctual,
        metrics: later('50x40 80x6 20x40'),
        azure: [...punctual.azure, { at: 246.5, from: 2, to: 4 }, { at: 266.6, from: 4, to: 3 }],
      },
    ],
    [
      'cooldown',
      'with cooldowns that count from the end of the operation before',
      {
        ...punctual,
        metrics: later('50x40 80x30'),
        azure: [
          ...punctual.azure,
          { at: 246.5, from: 2, to: 4, ends: 249 },
          { at: 254.2, from: 4, to: 6 },
        ],
      },
    ],
    [
      'cooldown',
      'with no cooldown after the operation before, which failed',
      {
        ...punctual,
        metrics: later('50x40 80x30'),
        azure: [
          ...punctual.azure,
          { at: 246.5, from: 2, to: 4, ends: 248, failed: true },
          { at: 248.5, from: 2, to: 4 },
        ],
      },
    ],
    [
      'reading',
      'with what Azure read: Cpu 76.2, where the metrics have 60',
      {
        ...punctual,
        metrics: later('50x40 60x40'),
        azure: [...punctual.azure, { at: 255.5, from: 2, to: 4 }],
        read: [[255, 'Cpu', 76.2]],
      },
    ],
    [
      'gaps',
      'over a window that lacks a sample, which does not let Headroom scale in',
      {
        ...punctual,
        metrics: later('50x40 20x3 _ 20x30'),
        azure: [...punctual.azure, { at: 246.5, from: 2, to: 1 }],
      },
    ],
    [
      'rounding',
      'with percentages rounded up',
      {
        setting: withProfile({ rules: [action(outRule, 'PercentChangeCount', 60), inRule] }),
        metrics: climb,
        counts,
        azure: [out],
      },
    ],
    [
      'metricFailure',
      'without Cpu: Azure said at 2026-01-05T04:10:00.000Z that it cannot read a metric',
      {
        ...punctual,
        metrics: later('50x90'),
        counts: [[200, 1]],
        azure: [...punctual.azure, { at: 250.5, from: 1, to: 2 }],
        said: [[250, 'MetricFailure']],
      },
    ],
    [
      'metricFailure',
      'without what Azure says that it could not read from 2026-01-05T04:01:00.000Z to 2026-01-05T04:20:00.000Z',
      {
        ...punctual,
        metrics: later('50x40 80x40'),
        azure: [...punctual.azure, { at: 260.1, from: 2, to: 4 }],
        said: [
          [241, 'MetricFailure'],
          [260, 'MetricRecovery'],
        ],
      },
    ],
    [
      'predictive',
      "Azure says that it scaled by prediction, which Headroom does not do: Azure's word alone, nothing was run again",
      { metrics: { cpu: '50x90' }, counts, azure: [{ ...out, predictive: true }] },
    ],
    [
      'manualChange',
      'the count went from 2 to 12 by hand, and Azure to 10 from there',
      {
        metrics: { cpu: '50x90' },
        counts,
        azure: [{ at: 40.7, from: 12, to: 10, ends: 50 }],
      },
    ],
    [
      'manualChange',
      'somebody set the count to 12, and Azure brought it back 8 min later',
      {
        metrics: { cpu: '50x90' },
        counts: [...counts, [40, 12]],
        azure: [{ at: 48, from: 12, to: 10, ends: 50 }],
      },
    ],
    [
      'settingChanged',
      'Azure names the profile "summer", which the setting has no longer: Azure\'s word alone, nothing was run again',
      { metrics: { cpu: '50x90' }, counts, azure: [{ ...out, profile: 'summer' }] },
    ],
    [
      'settingChanged',
      "14 is outside the bounds of every profile of now: Azure's word alone, nothing was run again",
      { metrics: { cpu: '50x90' }, counts, azure: [{ ...out, to: 14 }] },
    ],
  ])('by %s: %s', (by, text, told) => {
    const finding = assessed(told).actions.at(-1)?.finding;
    expect(finding).toMatchObject({ kind: 'explained', by, text });
  });
});

describe('what an explanation lacks', () => {
  const late: Told = {
    ...punctual,
    metrics: { cpu: `${punctual.cpu} 50x40 80x6 50x60` },
    azure: [...punctual.azure, { at: 249.5, from: 2, to: 4 }],
  };
  const findingOf = (told: Told) => assessed(told).actions.at(-1)?.finding;

  test('is nothing where Azure read what data of that age alone says', () => {
    const finding = findingOf({ ...late, read: [...readInTime, [249, 'Cpu', 80]] });
    expect(finding).toMatchObject({ kind: 'explained', by: 'dataAge' });
    expect(finding).not.toHaveProperty('caveat');
  });

  test.each<readonly [string, Told['read']]>([
    ['where it read nothing', []],
    ['where it read what data of the usual age says too', [...readInTime, [248, 'Cpu', 74]]],
  ])('is a reading that confirms the age of data, %s', (_, read = []) => {
    expect(findingOf({ ...late, read })).toMatchObject({
      ...{ kind: 'explained', by: 'dataAge', caveat: 'unconfirmed' },
      text: expect.stringMatching(/mostly; that age is not confirmed by a reading of Azure's$/),
    });
  });

  test("is anything but Azure's word, where nothing was run again", () => {
    const told = { metrics: { cpu: '50x90' }, counts };
    for (const done of [{ predictive: true }, { profile: 'summer' }, { to: 14 }] as const) {
      expect(findingOf({ ...told, azure: [{ ...out, ...done }] })).toMatchObject({
        ...{ kind: 'explained', caveat: 'azuresWord' },
      });
    }
  });
});

describe("an action of Azure's stays unexplained", () => {
  test('with what Headroom found then, and every input', () => {
    const { actions } = assessed({ metrics: { cpu: '50x90' }, counts, azure: [out] });
    expect(actions.at(0)?.finding).toMatchObject({
      kind: 'unexplained',
      text: 'Headroom holds: NotTriggered; Cpu 50 (> 75), Cpu 50 (< 30)',
      decision: {
        reason: 'NotTriggered',
        state: { capacity: { instances: 2 } },
        rules: [{ observed: 50 }, { observed: 50 }],
      },
    });
  });

  test('where Headroom goes to another count', () => {
    const { actions } = assessed({ metrics: climb, counts, azure: [{ ...out, to: 3 }] });
    expect(actions.at(0)?.finding).toMatchObject({
      kind: 'unexplained',
      text: 'Headroom goes to 4: ScaleOutRule; Cpu 80 (> 75), Cpu 80 (< 30)',
    });
  });

  test('where it would have come long before', () => {
    const azure = [{ ...out, at: 66.5, ends: 70 }];
    const { actions, missed } = assessed({ metrics: { cpu: '50x40 80x28 50x10' }, counts, azure });
    expect(actions.at(0)?.finding).toMatchObject({
      kind: 'unexplained',
      text: 'Headroom finds the same 20 min 30 s earlier, at 2026-01-05T00:46:00.000Z, and nothing on record says why Azure waited',
    });
    expect(missed).toEqual([]);
  });
});

describe('what is on record beside an action speaks against a guess', () => {
  const late: Told = {
    ...punctual,
    metrics: { cpu: `${punctual.cpu} 50x40 80x26 50x40` },
    azure: [...punctual.azure, { at: 252.5, from: 2, to: 4, ends: 260 }],
  };
  const findingOf = (told: Told) => assessed(told).actions.at(-1)?.finding;

  test('data that came late, where Azure had read the same long before', () => {
    expect(findingOf(late)).toMatchObject({ kind: 'explained', by: 'dataAge' });
    expect(findingOf({ ...late, read: [[249, 'Cpu', 80]] })).toMatchObject({
      kind: 'unexplained',
      text: expect.stringContaining('finds the same 6 min earlier'),
    });
  });

  test('data that came late, where Azure read newer data in the minute of the action', () => {
    const peak = { ...late, metrics: { cpu: `${punctual.cpu} 50x40 80x6 50x40` } };
    expect(findingOf(peak)).toMatchObject({ kind: 'explained', by: 'dataAge' });
    const read = [251, 252].map((at) => [at, 'Cpu', 50] as const);
    expect(findingOf({ ...peak, read })).toMatchObject({ kind: 'unexplained' });
  });

  test('a count that nobody recorded, where Azure was to act on the other one as well', () => {
    const azure = [...punctual.azure, { at: 258.5, from: 3, to: 5, ends: 262 }];
    expect(findingOf({ ...late, azure })).toMatchObject({ kind: 'unexplained' });
  });
});

describe('beside the actions', () => {
  test('what Azure did not do is one missed action, however often it is found', () => {
    const assessment = assessed({ metrics: { cpu: '50x40 80x20 50x60' }, counts });
    expect(missedOf(assessment)).toEqual(['46 for 16: 2→4']);
    expect(assessment.history.gaps).toEqual([
      'no reading or action of Azure tells how old its data was: one minute is assumed',
    ]);
  });

  test('what Azure could not read then is left out, and counted', () => {
    const metrics = { cpu: '50x40 80x20 50x60' };
    const said = [
      [30, 'MetricFailure'],
      [90, 'MetricRecovery'],
    ] as const;
    const assessment = assessed({ metrics, counts, said });
    expect(missedOf(assessment)).toEqual([]);
    expect(assessment.history.gaps).toContain(
      '1 action that Headroom finds is left out: Azure said that it could not read a metric then, and nobody could have acted on it',
    );
  });

  test('what the setting of now asks for is not told of a time when it was another', () => {
    const history = historyOf({ metrics: { cpu: '50x40 80x20 50x60' }, counts: [[0, 8]] });
    const formerProfiles = [{ at: minute(70), profile }];
    expect(missedOf(assess(history))).toEqual(['46 for 16: 8→10']);
    expect(missedOf(assess({ ...history, formerProfiles }))).toEqual([]);
    const full = historyOf({ metrics: { cpu: '50x40 80x20 50x60' }, counts: [[0, 10]] });
    expect(assess(full).holds).toHaveLength(1);
    expect(assess({ ...full, formerProfiles }).holds).toEqual([]);
  });

  test('nothing is missed while an operation runs, nor what is there for a minute only', () => {
    const metrics = { cpu: '50x40 80x20 50x60 80x5 50x60' };
    const azure = [{ ...out, ends: 75 }];
    expect(missedOf(assessed({ metrics, counts, azure }))).toEqual([]);
  });

  test('minutes over a threshold in which neither acts are told with their reason', () => {
    const { holds } = assessed({ metrics: { cpu: '50x40 80x30 50x60' }, counts: [[0, 10]] });
    expect(holds).toHaveLength(1);
    expect(holds[0]).toMatchObject({ reason: 'AtMaximum', decision: { reason: 'AtMaximum' } });
    expect(((holds[0]?.to ?? 0) - (holds[0]?.from ?? 0)) / minuteMs).toBe(26);
  });

  test('the age of the data is the one with which its own readings come out', () => {
    const cpu = '50+0.1x60 60-0.1x60';
    const windowMean = (minute: number) => 50 + (minute - 3) * 0.1;
    const read = [30, 35, 40, 45].map((at) => [at, 'Cpu', windowMean(at - 3)] as const);
    const assessment = assessed({ metrics: { cpu }, counts, read });
    expect(assessment.dataAgeMs).toBe(3 * minuteMs);
  });

  test('the minutes of a scale-out add up', () => {
    const azure = [out, { at: 52, from: 4, to: 6, ends: 56 }];
    const { actions } = assessed({ metrics: { cpu: '50x40 80x20 50x60' }, counts, azure });
    expect(actions.map(({ minutes }) => minutes)).toEqual([
      {
        ...{ windowMs: 5 * minuteMs, dataAgeMs: 1.5 * minuteMs, cooldownMs: 0 },
        ...{ engineMs: 0, provisioningMs: 3.5 * minuteMs },
      },
      {
        ...{ windowMs: 0, dataAgeMs: 1.5 * minuteMs, cooldownMs: 3.5 * minuteMs },
        ...{ engineMs: 0.5 * minuteMs, provisioningMs: 4 * minuteMs },
      },
    ]);
  });

  test('instance-hours are those of the history', () => {
    const { instanceHours } = assessed({ metrics: climb, counts, azure: [out] });
    expect(instanceHours).toBeCloseTo((50 * 2 + 56 * 4) / 60, 6);
  });

  test('without a count nothing can be told, and that is said', () => {
    const { gaps } = assessed({ metrics: climb }).history;
    expect(gaps).toContain(
      'nobody recorded the count of instances: what would have been done cannot be told',
    );
  });

  test('actions before the first whole window are counted and not judged', () => {
    const { actions, history } = assessed({ metrics: climb, counts, azure: [{ ...out, at: 3 }] });
    expect(actions).toEqual([]);
    expect(history.gaps).toContain(
      '1 action of the first 25 min not judged: the windows behind begin before the history',
    );
  });
});
