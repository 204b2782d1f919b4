/** What an assessment tells of a made-up target: findings of each kind in turn, holds, and a run of its own. */
import { activeProfile, decide, defaultPolicy, TimeZones } from '@headroom/core';
import type {
  AutoscaleSetting,
  Decision,
  Reading,
  Reason,
  Rule,
  TargetState,
} from '@headroom/core';
import type {
  ActionFinding,
  AssessedAction,
  Backtested,
  Explanation,
  HoldSpan,
  MissedAction,
} from '@headroom/scenario';
import { minuteMs, dayMinutes, begin, cpu, minute, live } from './lived.fixture.ts';
import type { Story, Lived } from './lived.fixture.ts';

const zones = new TimeZones();

export function actionOf(
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

export function missedOf(
  story: Story,
  setting: AutoscaleSetting,
  azure: Lived,
): readonly MissedAction[] {
  return azure.changes
    .filter(({ from, to }, order) => to > from && order % 8 === 5 && story.seed < 3)
    .map(({ index, from }) => ({
      at: minute(index - 3),
      forMs: 3 * minuteMs,
      decision: decisionAt(setting, azure, index - 3, from),
    }));
}

export function holdsOf(setting: AutoscaleSetting, azure: Lived): readonly HoldSpan[] {
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

export function backtestOf(story: Story, setting: AutoscaleSetting): Backtested {
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
