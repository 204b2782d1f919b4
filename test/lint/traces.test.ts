import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultPolicy, failed, instant, lint, ok } from '@headroom/core';
import type { AutoscaleSetting, LintFinding, Policy, Rule } from '@headroom/core';
import { formatScaleTest, parseScaleTests, runScaleTest } from '@headroom/scenario';
import { paired, pairs, policies, settings } from './settings.fixture.ts';
import type { Pair } from './settings.fixture.ts';

const from = instant(Date.UTC(2026, 6, 1, 9, 17));

/** The findings of a setting whose traces do not show what they claim, each with what was seen. */
function refuted(setting: AutoscaleSetting, policy: Policy, seen: Map<string, number>) {
  const found = lint(setting, policy, { from });
  return found.flatMap((finding) => {
    if (finding.trace === undefined) return [];
    seen.set(finding.rule, (seen.get(finding.rule) ?? 0) + 1);
    const failures = failuresOf(finding, setting, policy);
    return failures.length === 0 ? [] : [{ finding, failures }];
  });
}

/** Through the YAML that a person gets, and the runner of `headroom test`. */
function failuresOf(
  { rule, trace }: LintFinding,
  setting: AutoscaleSetting,
  policy: Policy,
): readonly unknown[] {
  const yaml = formatScaleTest({
    name: rule,
    setting: './setting.json',
    capacity: trace!.capacity,
    ...(trace!.start === undefined ? {} : { start: trace!.start }),
    input: [...trace!.input],
    expect: [...trace!.expect],
  });
  const { tests, problems } = parseScaleTests(yaml, 'trace.yaml', {
    setting: () => ok(setting),
    policy: () => ok(policy),
    account: () => failed([]),
    limitPolicy: () => failed([]),
    file: () => ({}),
  });
  return [...problems, ...tests.flatMap((one) => runScaleTest(one).failures)];
}

/** An out rule on the CPU and an in rule, with bounds. */
const pair = { above: 70, below: 25, add: 1, take: 1, minimum: 2, room: 8 };

test.each<[kind: string, setting: AutoscaleSetting]>([
  ['thresholds-flap', paired({ ...pair, above: 80, below: 60 })],
  ['scale-out-overshoots', paired({ ...pair, add: 6 })],
  ['no-scale-in', withRules(([out]) => [out!])],
  ['wrong-direction', withRules(([out, back]) => [out!, increasing(back!)])],
])('the trace of %s shows it', (kind, setting) => {
  const seen = new Map<string, number>();
  expect(refuted(setting, defaultPolicy, seen)).toEqual([]);
  expect([...seen.keys()]).toContain(kind);
});

function withRules(edit: (rules: readonly Rule[]) => readonly Rule[]): AutoscaleSetting {
  const setting = paired(pair);
  const profiles = setting.profiles.map((profile) => ({ ...profile, rules: edit(profile.rules) }));
  return { ...setting, profiles };
}

function increasing(rule: Rule): Rule {
  return { ...rule, action: { ...rule.action, direction: 'Increase' } };
}

test('whatever the setting and the policy, every trace shows what it claims', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(settings, policies, (setting, policy) => {
      expect(refuted(setting, policy, seen)).toEqual([]);
    }),
    { numRuns: 100 },
  );
  expect(seen.size).toBeGreaterThan(1);
});

test('a pair of rules: what is found is what the arithmetic says, and its trace shows it', () => {
  fc.assert(
    fc.property(pairs, (given) => {
      const setting = paired(given);
      const found = new Set(lint(setting, defaultPolicy, { from }).map(({ rule }) => rule));
      expect(found.has('thresholds-flap')).toBe(flaps(given));
      expect(found.has('scale-out-overshoots')).toBe(overshoots(given));
      expect(refuted(setting, defaultPolicy, new Map())).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

/** A scale-in from n to n − 1 is the safest there is; it is worst for the smallest n. */
function flaps({ above, below, minimum: fewer }: Pair): boolean {
  return below > (above * fewer) / (fewer + 1);
}

/**
 * Just above the out threshold the load that n instances have is above × n. Shared by n + add it lies below the in
 * threshold, and n + add − 1, or fewer, can carry it.
 */
function overshoots({ above, below, add, minimum, room }: Pair): boolean {
  return Array.from({ length: room }, (_, index) => minimum + index).some((n) => {
    const more = Math.min(n + add, minimum + room);
    return more > n + 1 && (above * n) / more < below;
  });
}
