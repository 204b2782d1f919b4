import { after, defaultPolicy, minuteMs, withoutMode } from '@headroom/core';
import type {
  AutoscaleSetting,
  Instant,
  LocalTime,
  MissingDataPolicy,
  Override,
  Policy,
  Profile,
  Rule,
  SettingContent,
  Shadow,
  TargetId,
  Weekday,
} from '@headroom/core';

/** A setting on the metric `cpu`; the bits of `variant` choose its schedules, options and overrides. */
export function contentOf(
  target: TargetId,
  threshold: number,
  variant: number,
  now: Instant,
): SettingContent {
  const setting: AutoscaleSetting = {
    name: 'generated',
    enabled: variant % 16 !== 15,
    target,
    profiles: profilesOf(target, threshold, variant, now),
  };
  return {
    kind: 'setting',
    setting,
    policy: policyOf(variant >> 4),
    overrides: overridesOf(variant >> 10, now),
    ...shadowsOf(target, threshold, variant, now),
  };
}

/** Two in four have none, the others one or two, each with another threshold, window and policy. */
function shadowsOf(target: TargetId, threshold: number, variant: number, now: Instant) {
  const names = ['eager', 'slow'].slice(0, Math.max(0, (threshold % 4) - 1));
  if (names.length === 0) return {};
  const shadows = names.map((name, index): Shadow => {
    const its = (variant >> (3 + index)) ^ (index + 5);
    const policy = withoutMode(policyOf(its));
    const profiles = profilesOf(target, threshold - 20, its, now).map((profile) => ({
      ...profile,
      rules: profile.rules.map((rule) => lasting(rule, (1 + 2 * index) * minuteMs)),
    }));
    const setting = { name, enabled: its % 16 !== 15, target, profiles };
    return { name, content: { kind: 'setting', setting, policy } };
  });
  return { shadows };
}

function lasting({ trigger, action }: Rule, timeWindowMs: number): Rule {
  return { trigger: { ...trigger, timeWindowMs }, action };
}

/** The profile without a schedule, and beside it none, or one that switches within minutes. */
function profilesOf(
  target: TargetId,
  threshold: number,
  variant: number,
  now: Instant,
): readonly Profile[] {
  const profile: Profile = {
    name: 'default',
    capacity: { minimum: 1, maximum: 6, default: 2 },
    rules: [
      ruleOf(target, 'Increase', threshold),
      ruleOf(target, 'Decrease', threshold / (variant % 2 === 0 ? 3 : 1.25)),
    ],
  };
  const capacity = { minimum: 2, maximum: 4, default: 3 };
  const busy = { ...profile, name: 'busy', capacity };
  const timeZone = 'Europe/Berlin';
  // Berlin is an hour ahead of UTC in January.
  const soon = Math.ceil(now / minuteMs) * minuteMs + 61 * minuteMs;
  switch (variant % 4) {
    case 0:
    case 1:
      return [profile];
    case 2: {
      const [start, end] = [soon as LocalTime, (soon + 2 * minuteMs) as LocalTime];
      return [profile, { ...busy, schedule: { kind: 'fixedDate', timeZone, start, end } }];
    }
    default: {
      const at = new Date(soon);
      const start = { hour: at.getUTCHours(), minute: at.getUTCMinutes() };
      const days = [at.getUTCDay() as Weekday];
      const early = { kind: 'recurrence', timeZone, days, hour: 0, minute: 0 } as const;
      const late = { kind: 'recurrence', timeZone, days, ...start } as const;
      return [
        { ...profile, schedule: early },
        { ...busy, schedule: late },
      ];
    }
  }
}

function ruleOf(target: TargetId, direction: 'Increase' | 'Decrease', threshold: number): Rule {
  return {
    trigger: {
      metricName: 'cpu',
      resource: target,
      timeGrainMs: minuteMs,
      statistic: 'Average',
      timeWindowMs: minuteMs,
      timeAggregation: 'Average',
      operator: direction === 'Increase' ? 'GreaterThan' : 'LessThan',
      threshold,
      dimensions: [],
      dividePerInstance: false,
    },
    action: { direction, type: 'ChangeCount', value: 1, cooldownMs: minuteMs },
  };
}

const missing: readonly MissingDataPolicy[] = [
  { kind: 'default' },
  { kind: 'hold' },
  { kind: 'failUp' },
  { kind: 'lastGood', ttlMs: 5 * minuteMs },
];

function policyOf(bits: number): Policy {
  const out = missing[bits % 4] ?? defaultPolicy.missingData.out;
  return {
    ...defaultPolicy,
    mode: (bits & 48) === 48 ? 'observe' : 'act',
    auditLevel: (bits & 12) === 12 ? 'all' : 'changes',
    cooldownFrom: (bits & 4) === 0 ? 'candidateRule' : 'lastFiredRule',
    scaleOutPreemptsCooldown: (bits & 8) !== 0,
    missingData: { out, in: { kind: 'default' }, rules: [] },
    ...((bits & 16) === 0 ? {} : { flapBudget: 2 }),
    ...((bits & 32) === 0 ? {} : { capacityLadder: [1, 2, 4, 6] }),
  };
}

/** One in two has one, from now on or from soon on, for a minute or five. */
function overridesOf(bits: number, now: Instant): readonly Override[] {
  const at = after(now, (bits & 4) === 0 ? 0 : minuteMs / 2);
  const until = after(at, (bits & 8) === 0 ? minuteMs : 5 * minuteMs);
  const term = { at, until, owner: 'ops', reason: 'drill' };
  switch (bits & 19) {
    case 1:
      return [{ kind: 'pause', ...term }];
    case 2:
      return [{ kind: 'freeze', ...term }];
    case 3:
      return [{ kind: 'pin', to: 5, ...term }];
    case 17:
      return [
        { kind: 'pin', to: 0, ...term },
        { kind: 'pause', ...term, until: after(until, minuteMs) },
      ];
    default:
      return [];
  }
}
