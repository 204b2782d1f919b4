import { instant, minuteMs } from '../lang/instant.ts';
import { targetId } from '../lang/target.ts';
import type { Reading } from '../evaluation/reading.ts';
import { activeProfile } from '../setting/active-profile.ts';
import type { AutoscaleSetting, CapacityLimits, Rule } from '../setting/autoscale-setting.ts';
import { defaultPolicy } from '../setting/policy.ts';
import { decide } from './decide.ts';
import type { DecideInput } from './decide-input.ts';
import type { TargetState, Verdict } from './decision.ts';

export const now = instant(Date.UTC(2026, 0, 5, 12));

export const target = targetId('/subscriptions/s/providers/x/deployments/blue');

const operators = { '>': 'GreaterThan', '>=': 'GreaterThanOrEqual', '<': 'LessThan' } as const;

/** `cpu > 70 out 2`, `cpu < 30 in 1`, `cpu > 90 out 50%`, `cpu > 90 out to 5`, `cpu > 90 to 5`. */
export function rule(
  text: string,
  over: Partial<Rule['trigger']> = {},
  cooldownMs = 5 * minuteMs,
): Rule {
  const words = text.split(' ');
  const [metric = '', operator = '>', threshold = '0'] = words;
  const directions = { out: 'Increase', in: 'Decrease', to: 'None' } as const;
  const count = words.at(-1) ?? '1';
  const exact = words.includes('to');
  return {
    trigger: {
      metricName: metric,
      resource: target,
      timeGrainMs: minuteMs,
      statistic: 'Average',
      timeWindowMs: 5 * minuteMs,
      timeAggregation: 'Average',
      operator: operators[operator as keyof typeof operators],
      threshold: Number(threshold),
      dimensions: [],
      dividePerInstance: false,
      ...over,
    },
    action: {
      direction: directions[(words[3] ?? 'out') as keyof typeof directions],
      type: exact ? 'ExactCount' : count.endsWith('%') ? 'PercentChangeCount' : 'ChangeCount',
      value: Number.parseFloat(count),
      cooldownMs,
    },
  };
}

export function setting(
  rules: readonly Rule[],
  limits: Partial<CapacityLimits> = {},
): AutoscaleSetting {
  const capacity = { minimum: 1, maximum: 10, default: 1, ...limits };
  return { name: 'test', enabled: true, target, profiles: [{ name: 'default', capacity, rules }] };
}

/** What each metric reads: a number, or why there is none. */
export type Readings = Readonly<
  Record<string, number | 'missing' | 'warming' | `${number} partial`>
>;

export function reading(value: Readings[string] | undefined): Reading {
  const window = { lengthMs: 5 * minuteMs, frontier: now, dataAgeMs: 0, path: 'push' };
  if (value === undefined || value === 'missing') return { kind: 'missing', window };
  if (value === 'warming') return { kind: 'warming', window };
  const partial = typeof value === 'string';
  return {
    kind: 'value',
    completeness: partial ? 'partial' : 'complete',
    value: typeof value === 'string' ? Number.parseFloat(value) : value,
    window,
    samples: 5,
  };
}

export function known(instances: number, over: Partial<TargetState> = {}): TargetState {
  return { capacity: { kind: 'known', instances, observedAt: now }, ...over };
}

/** `over`: a policy, overrides, another time. */
export function decideOn(
  setting: AutoscaleSetting,
  state: TargetState,
  readings: Readings = {},
  over: Partial<Pick<DecideInput, 'policy' | 'overrides' | 'now'>> = {},
): Verdict {
  const at = over.now ?? now;
  return decide({
    setting,
    policy: defaultPolicy,
    overrides: [],
    active: activeProfile(setting, at),
    state,
    read: ({ trigger }) => reading(readings[trigger.metricName]),
    now: at,
    ...over,
  });
}
