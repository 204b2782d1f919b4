/** Assessments as they come of a month of minutes, with one of every kind of finding; made by a small engine, always the same. */
import { activeProfile, decide, defaultPolicy, instant, targetId, TimeZones } from '@headroom/core';
import type {
  AutoscaleSetting,
  Decision,
  Instant,
  LintFinding,
  Profile,
  Reading,
  Reason,
  Rule,
  Sample,
  TargetState,
} from '@headroom/core';
import type {
  ActionFinding,
  AssessedAction,
  Assessment,
  Backtested,
  CapacityChangeAt,
  Explanation,
  HoldSpan,
  MissedAction,
} from '@headroom/scenario';
import type { ReportAbout } from './about.ts';

const minuteMs = 60_000;
const zones = new TimeZones();
const dayMinutes = 1440;
export const begin = instant(Date.parse('2026-10-30T00:00:00Z'));
const cpu = 'CpuUtilizationPercentage';

export function aboutDays(days: number): ReportAbout {
  return {
    subscription: '5f3c2a10-7d1e-4b7a-9a55-0d2f6b1c9e44',
    resourceGroup: 'rg-inference-prod',
    from: begin,
    to: minute(days * dayMinutes),
    generatedAt: minute(days * dayMinutes + 12),
    calls: 412,
    version: '0.1.0',
  };
}

export interface Story {
  readonly name: string;
  readonly days: number;
  /** Of the noise. */
  readonly seed: number;
  /** Instances' worth of load at the height of a day. */
  readonly height: number;
  readonly maximum: number;
  /** A second profile on the nights. */
  readonly hasNights?: boolean;
  /** A second metric that is read beside the CPU. */
  readonly hasQueue?: boolean;
  readonly findings?: readonly LintFinding[];
  readonly gaps?: readonly string[];
  readonly refused?: string;
}

/** Fifty settings, alike and yet not, with the special ones among them. */
export function fleetOf(count: number, days: number): readonly Assessment[] {
  const names = ['chat', 'search', 'vision', 'rank', 'embed', 'speech', 'moderate', 'translate'];
  const many = Array.from({ length: Math.max(0, count - 5) }, (_, index) => {
    return assessed({
      name: `autoscale-${names[index % names.length] ?? ''}-${index + 1}`,
      days,
      seed: index + 10,
      height: 2 + (index % 7),
      maximum: index % 5 === 0 ? 5 : 12,
      hasNights: index % 4 === 1,
      hasQueue: index % 3 === 0,
    });
  });
  return [...many, busy(days), refused(days), quiet(days), empty(), hostile(Math.min(days, 2))];
}

/** One of every kind of finding. */
export function busy(days: number): Assessment {
  return assessed({
    name: 'autoscale-chat-blue',
    days,
    seed: 1,
    height: 7,
    maximum: 6,
    hasNights: true,
    hasQueue: true,
    findings: [lintError, lintWarning, lintNote],
    gaps: ['Azure keeps no metric of 3 Nov 02:10 to 02:40: these minutes count as missing.'],
  });
}

export function refused(days: number): Assessment {
  const why =
    'RequestLatency_P99 of /subscriptions/5f3c2a10/resourcegroups/rg-inference-production-westeurope/providers/microsoft.machinelearningservices does not follow the number of instances by itself, and the fitted model misses its held-out data by 41 % (at most 15 %): give a load model, or compare on CpuUtilizationPercentage.';
  return assessed({ name: 'autoscale-rank', days, seed: 2, height: 4, maximum: 10, refused: why });
}

/** Nothing happened. */
export function quiet(days: number): Assessment {
  const story = { name: 'autoscale-idle', days, seed: 3, height: 0.6, maximum: 10 };
  return assessed(story);
}

/** A setting of which nothing is on record. */
export function empty(): Assessment {
  const setting = settingOf({ name: 'autoscale-new', days: 1, seed: 0, height: 1, maximum: 4 });
  const [from, to] = [begin, minute(30 * dayMinutes)];
  return {
    history: {
      setting,
      settingId: `/subscriptions/s/providers/microsoft.insights/autoscalesettings/${setting.name}`,
      from,
      to,
      samples: [],
      capacities: [],
      events: [],
      observed: [],
      gaps: [
        'The resource of CpuUtilizationPercentage was not found: it was deleted, or the role Monitoring Reader is missing on it.',
      ],
    },
    dataAgeMs: minuteMs,
    actions: [],
    missed: [],
    holds: [],
    findings: [],
    backtest: { kind: 'refused', why: 'There is no sample of any metric that its rules read.' },
  };
}

export const hostileText = `<script>alert("1")</script>' onload='x' \u202Etxt.exe\u202C \u200F&amp;`;

/** Whoever names a resource may write anything. */
export function hostile(days: number): Assessment {
  const one = assessed({
    name: hostileText,
    days,
    seed: 4,
    height: 6,
    maximum: 5,
    findings: [{ ...lintError, title: hostileText, why: hostileText, fix: hostileText }],
    gaps: [hostileText],
    refused: hostileText,
  });
  const rename = (profile: Profile): Profile => ({
    ...profile,
    name: hostileText,
    rules: profile.rules.map((rule) => ({
      ...rule,
      trigger: { ...rule.trigger, metricName: hostileText },
    })),
  });
  const { setting } = one.history;
  const target = targetId(`${setting.target}${hostileText}`);
  const profiles = setting.profiles.map(rename);
  return { ...one, history: { ...one.history, setting: { ...setting, target, profiles } } };
}

const lintError: LintFinding = {
  rule: 'thresholds-flap',
  severity: 'error',
  field: 'properties.profiles[0].rules[1].metricTrigger.threshold',
  title: 'A scale-in to 2 instances fires the scale-out rule at once',
  why: 'At 3 instances and CpuUtilizationPercentage 55 the rule for scaling in fires; with 2 instances the value would be 82.5, which is over 70.',
  fix: 'Lower the threshold for scaling in to 46 or less.',
};
const lintWarning: LintFinding = {
  rule: 'cooldown-shorter-than-window',
  severity: 'warning',
  field: 'properties.profiles[0].rules[0].scaleAction.cooldown',
  title:
    'The cooldown of microsoft.machinelearningservices/workspaces/onlineendpoints/deployments ends before the window has seen the new instances',
  why: 'Five minutes after an action the window of ten minutes still holds five minutes from before it.',
  fix: 'Make the cooldown at least as long as the window: PT10M.',
};
const lintNote: LintFinding = {
  rule: 'default-above-minimum',
  severity: 'note',
  field: 'properties.profiles[0].capacity.default',
  title: 'The default of 2 is above the minimum of 1',
  why: 'When metrics cannot be read it is raised to 2, never lowered.',
  fix: 'Nothing, if that is meant.',
};

function settingOf({ name, maximum, hasNights, hasQueue }: Story): AutoscaleSetting {
  const target = targetId(
    `/subscriptions/5f3c2a10-7d1e-4b7a-9a55-0d2f6b1c9e44/resourceGroups/rg-inference-prod/providers/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/${name.replace(/\W/g, '')}/deployments/blue`,
  );
  const rules = [rule(target, cpu, 'GreaterThan', 70), rule(target, cpu, 'LessThan', 40)];
  if (hasQueue === true) rules.push(rule(target, 'RequestsPerMinute', 'GreaterThan', 900));
  const capacity = { minimum: 1, maximum, default: 2 };
  const everyDay = [0, 1, 2, 3, 4, 5, 6] as const;
  const at = (hour: number) =>
    ({ kind: 'recurrence', timeZone: 'Etc/UTC', days: everyDay, hour, minute: 0 }) as const;
  const profiles: Profile[] =
    hasNights === true
      ? [
          { name: 'day', capacity: { ...capacity, minimum: 2 }, rules, schedule: at(6) },
          {
            name: 'night',
            capacity: { minimum: 1, maximum: 3, default: 1 },
            rules,
            schedule: at(22),
          },
        ]
      : [{ name: 'default', capacity, rules }];
  return { name, enabled: true, target, profiles };
}

function rule(
  resource: string,
  metricName: string,
  operator: 'GreaterThan' | 'LessThan',
  threshold: number,
): Rule {
  return {
    trigger: {
      metricName,
      resource,
      timeGrainMs: minuteMs,
      statistic: 'Average',
      timeWindowMs: (operator === 'GreaterThan' ? 5 : 10) * minuteMs,
      timeAggregation: 'Average',
      operator,
      threshold,
      dimensions: [],
      dividePerInstance: false,
    },
    action: {
      direction: operator === 'GreaterThan' ? 'Increase' : 'Decrease',
      type: 'ChangeCount',
      value: 1,
      cooldownMs: 5 * minuteMs,
    },
  };
}

function minute(index: number): Instant {
  return instant(begin + index * minuteMs);
}

/** Instances' worth of work in a minute: days and nights, quieter weekends, a burst now and then, noise. */
function loadOf({ seed, height }: Story, index: number): number {
  const hour = (index % dayMinutes) / 60;
  const day = Math.floor(index / dayMinutes);
  const wave = Math.max(0.1, Math.sin(((hour - 5) / 24) * 2 * Math.PI));
  const weekend = (day + seed) % 7 >= 5 ? 0.5 : 1;
  const burstAt = noise(seed, day) * dayMinutes;
  const burst = index % dayMinutes > burstAt && index % dayMinutes < burstAt + 25 ? 0.4 : 0;
  return height * 0.7 * weekend * (wave + burst + 0.08 * (noise(seed, index) - 0.5));
}

/** Between 0 and 1, the same for the same. */
function noise(seed: number, index: number): number {
  const x = Math.sin(seed * 127.1 + index * 311.7) * 43_758.5453;
  return x - Math.floor(x);
}

interface Lived {
  readonly capacities: readonly CapacityChangeAt[];
  readonly changes: readonly {
    readonly index: number;
    readonly from: number;
    readonly to: number;
  }[];
  readonly values: readonly number[];
  readonly windows: readonly number[];
  readonly instances: readonly number[];
}

const noBounds = { minimum: 1, maximum: 1, default: 1 };

/** An engine that sees data `lag` minutes late, every minute. */
function live(story: Story, setting: AutoscaleSetting, lag: number): Lived {
  const capacities: CapacityChangeAt[] = [];
  const changes: { index: number; from: number; to: number }[] = [];
  const [values, windows, instances]: [number[], number[], number[]] = [[], [], []];
  let count = activeProfile(setting, begin, zones)?.profile.capacity.minimum ?? 2;
  let quietUntil = 0;
  capacities.push({ at: begin, instances: count });
  for (let index = 0; index < story.days * dayMinutes; index++) {
    const value = Math.min(100, (loadOf(story, index) / count) * 100);
    values.push(value);
    windows.push(average(values, index, 5));
    instances.push(count);
    const capacity = activeProfile(setting, minute(index), zones)?.profile.capacity ?? noBounds;
    const seen = index - lag;
    const out = (windows[seen] ?? 50) > 70;
    const into = average(values, seen, 10) < 40;
    const wanted = index < quietUntil ? count : out ? count + 1 : into ? count - 1 : count;
    const bounded = Math.min(capacity.maximum, Math.max(capacity.minimum, wanted));
    if (bounded === count) continue;
    changes.push({ index, from: count, to: bounded });
    count = bounded;
    quietUntil = index + 8;
    capacities.push({ at: minute(index), instances: count });
  }
  return { capacities, changes, values, windows, instances };
}

function average(values: readonly number[], end: number, length: number): number {
  const part = values.slice(Math.max(0, end - length + 1), Math.max(0, end + 1));
  return part.length === 0 ? 50 : part.reduce((sum, value) => sum + value, 0) / part.length;
}

export function assessed(story: Story): Assessment {
  const setting = settingOf(story);
  const azure = live(story, setting, 4);
  const [from, to] = [begin, minute(story.days * dayMinutes)];
  const actions = azure.changes.map((change, order) => actionOf(setting, azure, change, order));
  return {
    history: {
      setting,
      settingId: `/subscriptions/s/providers/microsoft.insights/autoscalesettings/${setting.name}`,
      from,
      to,
      samples: samplesOf(story, setting, azure),
      capacities: azure.capacities,
      events: [],
      observed: [],
      gaps: story.gaps ?? [],
    },
    dataAgeMs: (2 + (story.seed % 3)) * minuteMs,
    actions,
    missed: missedOf(story, setting, azure),
    holds: holdsOf(setting, azure),
    findings: story.findings ?? [],
    instanceHours: azure.instances.reduce((sum, count) => sum + count, 0) / 60,
    backtest: backtestOf(story, setting),
  };
}

function samplesOf(story: Story, setting: AutoscaleSetting, { values }: Lived): readonly Sample[] {
  const names = story.hasQueue === true ? [cpu, 'RequestsPerMinute'] : [cpu];
  return values.flatMap((value, index) => {
    // A part of a night that nobody recorded.
    const isGap = index > 4 * dayMinutes + 130 && index < 4 * dayMinutes + 220;
    if (isGap) return [];
    return names.map((name): Sample => {
      const total = name === cpu ? value : loadOf(story, index) * 140;
      return {
        series: { resource: setting.target, metric: name.toLowerCase(), dimensions: [] },
        time: minute(index),
        grainMs: minuteMs,
        count: 1,
        total,
        minimum: total,
        maximum: total,
      };
    });
  });
}

function actionOf(
  setting: AutoscaleSetting,
  azure: Lived,
  { index, from, to }: Lived['changes'][number],
  order: number,
): AssessedAction {
  const minutes = {
    dataAgeMs: 2 * minuteMs + (order % 4) * 20_000,
    windowMs: (3 + (order % 5)) * minuteMs,
    cooldownMs: order % 3 === 0 ? 4 * minuteMs : 0,
    engineMs: 40_000,
    provisioningMs: (6 + (order % 9)) * minuteMs,
  };
  return {
    at: minute(index),
    from,
    to,
    endedAt: minute(index + 6),
    finding: findingOf(decisionAt(setting, azure, index - 1, from), order),
    ...(to > from ? { minutes } : {}),
  };
}

const explanations: readonly [Explanation, string][] = [
  ['dataAge', 'with data 4 min 30 s old instead of 2 min 30 s'],
  ['cooldown', 'with the cooldown of rule 2, which fired last'],
  ['reading', 'Azure read 71.2 where the metric has 69.4 now'],
  ['gaps', 'with the window that lacks 14:03 taken for whole'],
  ['rounding', 'with 20 % of 4 rounded down'],
  ['metricFailure', 'MetricFailure of 14:02: it fell back to the default'],
  ['predictive', 'a predictive scale action says so itself'],
  ['manualChange', 'the count was 9 before, above the maximum'],
  ['settingChanged', 'an event names the profile "peak", which the setting no longer has'],
];

function findingOf(decision: Decision, order: number): ActionFinding {
  if (order % 29 === 7) {
    const text =
      'Headroom held: the window was under the threshold with data of any age up to 5 min.';
    return { kind: 'unexplained', text, decision };
  }
  if (order % 4 === 3) {
    const [by, text] = explanations[Math.floor(order / 4) % explanations.length] ?? ['dataAge', ''];
    if (by === 'predictive') return { kind: 'explained', by, text, caveat: 'azuresWord' };
    const caveat = order % 8 === 3 && by === 'dataAge' ? { caveat: 'unconfirmed' as const } : {};
    return { kind: 'explained', by, text, ...caveat, decision };
  }
  return { kind: 'reproduced', decision, laterMs: (order % 3) * 20_000 };
}

function missedOf(story: Story, setting: AutoscaleSetting, azure: Lived): readonly MissedAction[] {
  return azure.changes
    .filter(({ from, to }, order) => to > from && order % 8 === 5 && story.seed < 3)
    .map(({ index, from }) => ({
      at: minute(index - 3),
      forMs: 3 * minuteMs,
      decision: decisionAt(setting, azure, index - 3, from),
    }));
}

function holdsOf(setting: AutoscaleSetting, azure: Lived): readonly HoldSpan[] {
  const spans: HoldSpan[] = [];
  let begun: number | undefined;
  azure.windows.forEach((window, index) => {
    if (window > 70) begun ??= index;
    else if (begun !== undefined) {
      if (index - begun > 4) spans.push(holdOf(setting, azure, begun, index));
      begun = undefined;
    }
  });
  return spans.sort((a, b) => b.to - b.from - (a.to - a.from));
}

function holdOf(setting: AutoscaleSetting, azure: Lived, from: number, to: number): HoldSpan {
  const decision = decisionAt(setting, azure, from, azure.instances[from] ?? 2);
  const reason: Reason = decision.reason === 'ScaleOutRule' ? 'Cooldown' : decision.reason;
  return { from: minute(from), to: minute(to), reason, decision };
}

function backtestOf(story: Story, setting: AutoscaleSetting): Backtested {
  if (story.refused !== undefined) return { kind: 'refused', why: story.refused };
  const own = live(story, setting, 0);
  const ups = own.changes.filter(({ from, to }) => to > from).length;
  return {
    kind: 'run',
    run: {
      from: begin,
      to: minute(story.days * dayMinutes),
      capacities: own.capacities,
      decisions: [],
      evaluations: own.values.length,
      figures: {
        instanceHours: own.instances.reduce((sum, count) => sum + count, 0) / 60,
        scaleOuts: ups,
        scaleIns: own.changes.length - ups,
        flaps: 3,
        overThresholdMs: own.windows.filter((value) => value > 70).length * minuteMs,
        underThresholdMs: own.windows.filter((value) => value < 40).length * minuteMs,
        atMaximumMs: own.instances.filter((count) => count === story.maximum).length * minuteMs,
      },
      assumptions: ['An operation takes 6 min, the median of the record.'],
      models: [
        {
          metric: cpu,
          resource: setting.target,
          model: 'shared',
          text: 'its sum over the instances is the load, and each takes its part.',
        },
      ],
    },
  };
}

function decisionAt(
  setting: AutoscaleSetting,
  azure: Lived,
  index: number,
  instances: number,
): Decision {
  const now = minute(index);
  const active = activeProfile(setting, now, zones);
  const state: TargetState = {
    capacity: { kind: 'known', instances, observedAt: now },
    lastActionAt: minute(index - 40),
    lastCooldownMs: 5 * minuteMs,
  };
  const read = ({ trigger }: Rule): Reading => ({
    kind: 'value',
    completeness: 'complete',
    value: trigger.metricName === cpu ? (azure.windows[Math.max(0, index)] ?? 50) : 310,
    window: {
      lengthMs: trigger.timeWindowMs,
      frontier: minute(index - 2),
      dataAgeMs: 2 * minuteMs,
      path: 'poll',
    },
    samples: 5,
  });
  const verdict = decide({
    setting,
    policy: defaultPolicy,
    overrides: [],
    active,
    state,
    read,
    now,
  });
  return {
    ...verdict,
    id: '4f1d2c3b4a5968778695a4b3c2d1e0f0',
    target: setting.target,
    setting: { id: setting.name, version: 1 },
    mode: 'act',
    at: now,
    position: { logId: 'history', partition: 0, sequence: index },
    state,
    record: 'change',
    unchanged: 0,
    codeVersion: '0.1.0',
  };
}
