import { describe, expect, test } from '@jest/globals';
import { hourMs, instant, minuteMs } from '@headroom/core';
import type { AutoscaleSetting, Rule } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
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

  test('is told from actions that no rule led to', () => {
    const made = madeUp(history);
    const at = new Set(made.map((event) => event.at));
    const events = [...history.events, ...made].sort((a, b) => a.at - b.at);
    const found = assess({ ...history, events }).actions.filter((action) => at.has(action.at));
    const open = found.filter(({ finding }) => finding.kind === 'unexplained');
    expect(found.length).toBeGreaterThan(20);
    expect(open.length / found.length).toBeGreaterThan(0.9);
  });

  /** Without what Azure itself says of its rules. */
  function shareBy(setting: AutoscaleSetting): number {
    const of: TargetHistory = { ...history, setting, formerProfiles: [] };
    const { actions } = assess(of);
    const open = actions.filter(({ finding }) => finding.kind === 'unexplained');
    return 1 - open.length / actions.length;
  }
});

/** A step out and a step in by turns, within the bounds and whatever the load was, where no operation ran. */
function madeUp({ from, to, events, capacities }: TargetHistory): TargetHistory['events'] {
  const made: AutoscaleEvent[] = [];
  for (let at = from + 2 * hourMs; at < to; at += 67 * minuteMs) {
    const last = events.findLast((event) => event.at <= at);
    const count = capacities.findLast((seen) => seen.at <= at)?.instances;
    if (last === undefined || last.kind === 'ScaleStarted' || count === undefined) continue;
    const step = (made.length % 2 === 0 && count < 10) || count === 1 ? 1 : -1;
    const { setting, target } = last;
    const own = { kind: 'ScaleStarted', correlationId: `made up ${at}`, description: '' } as const;
    made.push({ ...own, setting, target, at: instant(at), from: count, to: count + step });
  }
  return made;
}
