import { describe, expect, test } from '@jest/globals';
import type { AutoscaleSetting, Rule } from '@headroom/core';
import { assess } from '@headroom/scenario';
import type { TargetHistory } from '@headroom/scenario';
import { runFleet } from '../reference/azure-engine/fleet.ts';
import { historyOf } from './as-history.ts';

/** Where assess would say of anything that it comes out, these would be all right too. */
const others: readonly (readonly [what: string, change: (rule: Rule) => Rule])[] = [
  [
    'a cooldown half as long again',
    ({ trigger, action }) => ({
      trigger,
      action: { ...action, cooldownMs: action.cooldownMs * 1.5 },
    }),
  ],
  [
    'thresholds a tenth higher',
    ({ trigger, action }) => ({
      action,
      trigger: { ...trigger, threshold: trigger.threshold * 1.1 },
    }),
  ],
];

describe('what Azure did by one setting', () => {
  const [recording] = runFleet({
    ...{ seed: 6, settings: 1, days: 2, only: ['cpu-only'] },
    now: Date.UTC(2026, 5, 20),
  });
  const history = historyOf(recording!);

  test('is reproduced or explained by it', () => {
    expect(history.events.length).toBeGreaterThan(20);
    expect(shareBy(history.setting)).toBeGreaterThan(0.97);
  });

  test.each(others)('is not by another one: %s', (_, change) => {
    const profiles = history.setting.profiles.map((profile) => ({
      ...profile,
      rules: profile.rules.map(change),
    }));
    expect(shareBy({ ...history.setting, profiles })).toBeLessThan(0.9);
  });

  /** Without what Azure itself says of its rules. */
  function shareBy(setting: AutoscaleSetting): number {
    const of: TargetHistory = { ...history, setting, formerProfiles: [] };
    const { actions } = assess(of);
    const open = actions.filter(({ finding }) => finding.kind === 'unexplained');
    return 1 - open.length / actions.length;
  }
});
