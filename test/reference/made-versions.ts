import { instant } from '@headroom/core';
import type { Override, Profile, Rule, SettingContent } from '@headroom/core';
import { minuteMs } from './durations.ts';
import { makePolicy, makeRule, makeSetting } from './made-setting.ts';
import type { Circumstances } from './made-setting.ts';
import type { Random } from './random.ts';

/** A version of the setting, and when it comes. */
export interface MadeVersion {
  readonly at: number;
  readonly content: SettingContent;
}

type Setting = Extract<SettingContent, { kind: 'setting' }>;

export function makeVersions(random: Random, circumstances: Circumstances): readonly MadeVersion[] {
  const { begin, spanMs } = circumstances;
  let content: Setting = {
    kind: 'setting',
    setting: makeSetting(random, circumstances),
    policy: makePolicy(random),
    overrides: makeOverrides(random, circumstances),
  };
  const versions: MadeVersion[] = [{ at: begin, content }];
  const times = Array.from({ length: random.pick([0, 0, 1, 2, 4]) }, () =>
    Math.round(begin + random.next() * spanMs),
  ).sort((a, b) => a - b);
  for (const at of times) {
    content = changed(random, content, circumstances);
    const gone: SettingContent = random.chance(0.5)
      ? { kind: 'tombstone' }
      : { kind: 'unreadable', problems: ['made up'] };
    const isGone = !circumstances.isShared && random.chance(0.06);
    versions.push({ at, content: isGone ? gone : content });
  }
  return versions;
}

/** A setting of another target on the same metrics, for as long as the run lasts. */
export function makeNeighbour(random: Random, circumstances: Circumstances): MadeVersion {
  const setting = makeSetting(random, circumstances);
  const policy = makePolicy(random);
  return {
    at: circumstances.begin,
    content: { kind: 'setting', setting, policy, overrides: [] },
  };
}

function makeOverrides(random: Random, { begin, spanMs }: Circumstances): readonly Override[] {
  const kinds = ['pause', 'freeze', 'pin'] as const;
  return kinds.flatMap((kind): readonly Override[] => {
    if (random.chance(0.88)) return [];
    const at = instant(begin + Math.round(random.next() * spanMs));
    const until = instant(at + random.pick([1, 5, 20, 60]) * minuteMs);
    const term = { at, until, owner: 'ops', reason: 'drill' };
    return [kind === 'pin' ? { kind, to: random.int(0, 12), ...term } : { kind, ...term }];
  });
}

/**
 * The next version differs in one thing. Windows never grow: what was forgotten before does not come back. A metric that
 * others ask for is not given up: what they still know of it would be there when it is asked for again.
 */
function changed(random: Random, content: Setting, circumstances: Circumstances): Setting {
  const { setting } = content;
  switch (random.int(0, circumstances.isShared ? 2 : 4)) {
    case 0:
      return { ...content, policy: makePolicy(random) };
    case 1:
      return { ...content, overrides: makeOverrides(random, circumstances) };
    case 2: {
      const profiles = setting.profiles.map((profile) => withOtherLimits(random, profile));
      return { ...content, setting: { ...setting, profiles } };
    }
    case 3: {
      const profiles = setting.profiles.map((profile) => ({
        ...profile,
        rules: profile.rules.filter(() => random.chance(0.7)),
      }));
      return { ...content, setting: { ...setting, profiles } };
    }
    default:
      return withOtherRules(random, content, circumstances);
  }
}

function withOtherLimits(random: Random, profile: Profile): Profile {
  const { minimum } = profile.capacity;
  const maximum = minimum + random.int(0, 10);
  return { ...profile, capacity: { minimum, maximum, default: random.int(minimum, maximum) } };
}

/** Other thresholds, and a rule on a metric that nobody asks for so far. */
function withOtherRules(random: Random, content: Setting, circumstances: Circumstances): Setting {
  const { setting } = content;
  const asked = new Set(
    setting.profiles.flatMap(({ rules }) =>
      rules.map(({ trigger }) => trigger.metricName.toLowerCase()),
    ),
  );
  const free = circumstances.metrics.filter(({ name }) => !asked.has(name.toLowerCase()));
  const profiles = setting.profiles.map((profile) => {
    const rules = profile.rules.map((rule) => withOtherThreshold(random, rule));
    if (free.length === 0 || rules.length >= 10) return { ...profile, rules };
    const direction = random.pick(['out', 'in'] as const);
    const added = { ...circumstances, metrics: free };
    return { ...profile, rules: [...rules, makeRule(random, added, profile.capacity, direction)] };
  });
  return { ...content, setting: { ...setting, profiles } };
}

function withOtherThreshold(random: Random, rule: Rule): Rule {
  const threshold = rule.trigger.threshold * random.pick([0.5, 1, 2]);
  return { ...rule, trigger: { ...rule.trigger, threshold } };
}
