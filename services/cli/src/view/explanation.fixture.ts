/** Decisions of many kinds, made by `decide`, for tests of what is said about them. */
import { activeProfile, decide, defaultPolicy, instant, targetId } from '@headroom/core';
import type {
  Decision,
  Instant,
  Override,
  Policy,
  Profile,
  Reading,
  Rule,
  SettingContent,
  TargetState,
} from '@headroom/core';

export const target = targetId(
  '/subscriptions/s/providers/m/onlineEndpoints/chat/deployments/blue',
);
export const at = instant(Date.parse('2026-11-21T14:07:09Z'));
const minuteMs = 60_000;

export function minutesFromNow(minutes: number): Instant {
  return instant(at + minutes * minuteMs);
}

export interface Told {
  readonly rules?: readonly Rule[];
  readonly instances?: number;
  readonly state?: Partial<TargetState>;
  readonly readings?: Readonly<Record<string, number | Reading['kind'] | `${number} partial`>>;
  readonly policy?: Partial<Policy>;
  readonly overrides?: readonly Override[];
  readonly enabled?: boolean;
  readonly capacity?: Profile['capacity'];
  /** In front of the default one. */
  readonly profiles?: readonly Profile[];
}

export function ruleOf(
  metricName: string,
  operator: Rule['trigger']['operator'],
  threshold: number,
  value: number,
  over: Partial<Rule['trigger']> = {},
): Rule {
  const direction = operator.startsWith('Greater') ? 'Increase' : 'Decrease';
  const trigger = {
    metricName,
    resource: target,
    timeGrainMs: minuteMs,
    statistic: 'Average',
    timeWindowMs: 5 * minuteMs,
    timeAggregation: 'Average',
    operator,
    threshold,
    dimensions: [],
    dividePerInstance: false,
    ...over,
  } as const;
  return { trigger, action: { direction, type: 'ChangeCount', value, cooldownMs: 5 * minuteMs } };
}

const cpu = 'CpuUtilizationPercentage';
export const cpuRules = [ruleOf(cpu, 'GreaterThan', 70, 2), ruleOf(cpu, 'LessThan', 30, 1)];

/** A decision on these inputs, with the version of the setting that it was made with. */
export function decisionOn(told: Told): { decision: Decision; content: SettingContent } {
  const { rules = cpuRules, instances = 4, overrides = [], enabled = true } = told;
  const capacity = told.capacity ?? { minimum: 2, maximum: 10, default: 2 };
  const profiles = [...(told.profiles ?? []), { name: 'default', capacity, rules }];
  const setting = { name: 'chat-blue', enabled, target, profiles };
  const policy = { ...defaultPolicy, ...told.policy };
  const state: TargetState = {
    capacity: { kind: 'known', instances, observedAt: minutesFromNow(-0.5) },
    ...told.state,
  };
  const active = activeProfile(setting, at);
  const read = ({ trigger }: Rule) => readingOf(told.readings?.[trigger.metricName]);
  const verdict = decide({ setting, policy, overrides, active, state, read, now: at });
  const decision: Decision = {
    ...verdict,
    id: '4f1d2c3b4a5968778695a4b3c2d1e0f0',
    target,
    setting: { id: 'chat-blue', version: 3 },
    mode: policy.mode,
    at,
    position: { logId: 'signals', partition: 3, sequence: 412 },
    state,
    record: verdict.outcome === 'Hold' ? 'change' : 'action',
    unchanged: 0,
    codeVersion: '0.1.0+tz2025b',
  };
  return { decision, content: { kind: 'setting', setting, policy, overrides } };
}

function readingOf(told: NonNullable<Told['readings']>[string] | undefined): Reading {
  const window = {
    lengthMs: 5 * minuteMs,
    frontier: instant(at - 9_000),
    dataAgeMs: 9_000,
    path: 'push',
  };
  if (told === undefined || told === 'missing') {
    return { kind: 'missing', window: { lengthMs: 5 * minuteMs } };
  }
  if (told === 'warming' || told === 'value') {
    return { kind: 'warming', window: { ...window, changesAt: minutesFromNow(2) } };
  }
  const completeness = typeof told === 'string' ? 'partial' : 'complete';
  return {
    kind: 'value',
    completeness,
    value: Number.parseFloat(String(told)),
    window,
    samples: 5,
  };
}
