import { describe, expect, test } from '@jest/globals';
import type { Profile, Rule } from '@headroom/core';
import { setting } from '../scale-test.fixture.ts';
import { assess } from './assess.ts';
import { historyOf } from './history.fixture.ts';
import type { Done, Told } from './history.fixture.ts';

// CPU above 75 scales out by 2, and until somebody changed that above 60. With 70 from minute 240 on, the window that ends at
// minute 243 is the first above 60 (62): with data of a minute and a half Azure acts at 244.5.

const [now] = setting.profiles as readonly [Profile];
const [outRule, inRule] = now.rules as readonly [Rule, Rule];
const then: Profile = { ...now, rules: [above(60), inRule] };
const before: readonly Done[] = [
  { at: 46.5, from: 2, to: 4, ends: 50 },
  { at: 112.5, from: 4, to: 6, ends: 115 },
];
const told: Told = {
  metrics: { cpu: '50x40 80x6 50x60 80x6 50x88 50x40 70x6 50x60' },
  counts: [
    [0, 2],
    [200, 2],
  ],
  azure: [...before, { at: 244.5, from: 2, to: 4, ends: 250 }],
};

function above(threshold: number): Rule {
  return { ...outRule, trigger: { ...outRule.trigger, threshold } };
}

function last(of: Told) {
  return assess(historyOf(of)).actions.at(-1)?.finding;
}

describe('an action by rules that were changed since', () => {
  test('is explained by the rules that Azure says it had', () => {
    expect(last({ ...told, former: [[244.5, then]] })).toMatchObject({
      kind: 'explained',
      by: 'settingChanged',
      text: 'with the bounds and rules that the profile "default" had then; they have been changed since',
      decision: { reason: 'ScaleOutRule' },
    });
    const { gaps } = assess(historyOf({ ...told, former: [[244.5, then]] })).history;
    expect(gaps.join()).toMatch(/edited after 2026-01-05T04:04:30.000Z: actions before/);
  });

  test('is not where those do not ask for it either', () => {
    const other: Profile = { ...now, rules: [above(72), inRule] };
    expect(last(told)).toMatchObject({ kind: 'unexplained' });
    expect(last({ ...told, former: [[244.5, other]] })).toMatchObject({ kind: 'unexplained' });
  });

  test('makes the next one wait until they were changed', () => {
    const [first, second] = before as readonly [Done, Done];
    const waited: Told = {
      ...told,
      metrics: { cpu: '50x40 80x6 50x60 80x60 50x60' },
      azure: [first, { ...second, at: 150 }],
    };
    expect(last(waited)).toMatchObject({ kind: 'unexplained' });
    expect(last({ ...waited, former: [[46.5, { ...now, rules: [inRule] }]] })).toMatchObject({
      by: 'settingChanged',
      text: 'the bounds or rules were changed since the action before: those of now lead here',
    });
    // Those of then ask for it as early.
    const other: Profile = { ...now, rules: [above(72), inRule] };
    expect(last({ ...waited, former: [[46.5, other]] })).toMatchObject({ kind: 'unexplained' });
  });
});
