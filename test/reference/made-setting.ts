import { defaultPolicy, targetId } from '@headroom/core';
import type {
  AutoscaleSetting,
  DimensionFilter,
  MissingDataPolicy,
  Policy,
  Profile,
  Rule,
  ScaleAction,
} from '@headroom/core';
import { minuteMs } from './durations.ts';
import { makeView } from './made-metric.ts';
import type { MadeMetric } from './made-metric.ts';
import { makeSchedules } from './made-schedule.ts';
import type { Random } from './random.ts';

export interface Circumstances {
  readonly target: string;
  readonly begin: number;
  readonly spanMs: number;
  readonly metrics: readonly MadeMetric[];
  /** Another target's setting asks for the same metrics all the time. */
  readonly isShared: boolean;
}

export function makeSetting(random: Random, circumstances: Circumstances): AutoscaleSetting {
  const schedules = makeSchedules(random, circumstances.begin, circumstances.spanMs);
  const profiles = schedules.map((schedule, index): Profile => {
    const capacity = makeLimits(random);
    return {
      name: `profile ${index}`,
      capacity,
      rules: makeRules(random, circumstances, capacity),
      ...(schedule === undefined ? {} : { schedule }),
    };
  });
  const target = targetId(circumstances.target);
  return { name: 'made', enabled: random.chance(0.97), target, profiles };
}

function makeLimits(random: Random): Profile['capacity'] {
  const minimum = random.pick([0, 1, 1, 1, 2, 3]);
  const maximum = minimum + random.pick([0, 2, 5, 8, 14, 14, 30]);
  return { minimum, maximum, default: random.int(minimum, maximum) };
}

function makeRules(
  random: Random,
  circumstances: Circumstances,
  limits: Profile['capacity'],
): readonly Rule[] {
  if (random.chance(0.03)) return [];
  if (random.chance(0.4)) return makePair(random, circumstances, limits);
  const [out, inward] = random.chance(0.75)
    ? [random.int(0, 2), random.int(0, 2)]
    : [random.int(0, 6), random.int(0, 4)];
  const rules = [
    ...Array.from({ length: out }, () => makeRule(random, circumstances, limits, 'out')),
    ...Array.from({ length: inward }, () => makeRule(random, circumstances, limits, 'in')),
  ];
  return random.chance(0.5) ? rules : rules.toReversed();
}

/** As people write them: one metric, out above and in below. */
function makePair(
  random: Random,
  circumstances: Circumstances,
  limits: Profile['capacity'],
): readonly Rule[] {
  const out = makeRule(random, circumstances, limits, 'out');
  const { trigger } = out;
  const threshold = trigger.threshold * random.pick([0.25, 0.5, 0.75, 1]);
  const operator = random.pick(['LessThan', 'LessThanOrEqual'] as const);
  const action = makeAction(random, limits, 'in');
  return [out, { trigger: { ...trigger, operator, threshold }, action }];
}

export function makeRule(
  random: Random,
  { metrics, spanMs }: Pick<Circumstances, 'metrics' | 'spanMs'>,
  limits: Profile['capacity'],
  direction: 'out' | 'in',
): Rule {
  const metric = random.pick(metrics);
  const isQueue = /MessageCount$/.test(metric.name);
  const dividePerInstance = random.chance(0.15);
  const divisor = dividePerInstance || isQueue ? 2 : 1;
  const view = makeView(random, metric, spanMs, divisor, direction === 'out');
  return {
    trigger: {
      ...view,
      metricName: random.chance(0.1) ? metric.name.toUpperCase() : metric.name,
      resource: metric.resource,
      dimensions: makeFilters(random),
      dividePerInstance,
    },
    action: makeAction(random, limits, direction),
  };
}

function makeFilters(random: Random): readonly DimensionFilter[] {
  if (random.chance(0.8)) return [];
  const name = random.pick(['instanceId', 'InstanceID', 'zone', 'absent']);
  const values = name === 'zone' ? ['one', 'ONE', 'two'] : ['a', 'b', 'c'];
  const operator = random.pick(['Equals', 'NotEquals'] as const);
  const filter = { name, operator, values: values.slice(0, random.int(1, 2)) };
  return random.chance(0.8) ? [filter] : [filter, { ...filter, operator: 'NotEquals' }];
}

function makeAction(
  random: Random,
  { minimum, maximum }: Profile['capacity'],
  direction: 'out' | 'in',
): ScaleAction {
  const cooldownMs = random.pick([1, 1, 2, 5, 10, 30]) * minuteMs;
  const directed = direction === 'out' ? 'Increase' : 'Decrease';
  const type = random.pick([
    'ChangeCount',
    'ChangeCount',
    'ChangeCount',
    'PercentChangeCount',
    'ExactCount',
    'ServiceAllowedNextValue',
  ] as const);
  switch (type) {
    case 'ExactCount': {
      const value = random.int(Math.max(1, minimum), maximum + 1);
      return { type, value, cooldownMs, direction: random.pick([directed, 'None'] as const) };
    }
    case 'PercentChangeCount':
      return { type, value: random.pick([1, 20, 50, 100]), cooldownMs, direction: directed };
    default:
      return { type, value: random.int(1, 5), cooldownMs, direction: directed };
  }
}

export function makePolicy(random: Random): Policy {
  return {
    ...defaultPolicy,
    auditLevel: 'all',
    mode: random.chance(0.8) ? 'act' : 'observe',
    cooldownFrom: random.chance(0.7) ? 'candidateRule' : 'lastFiredRule',
    scaleOutPreemptsCooldown: random.chance(0.25),
    ...(random.chance(0.3) ? { flapBudget: random.pick([1, 2, 3, 6]) } : {}),
    missingData: makeMissingData(random),
    ...(random.chance(0.2)
      ? { capacityLadder: random.pick([[1, 2, 4, 8, 16], [0, 3, 6, 9], [5]] as const) }
      : {}),
  };
}

function makeMissingData(random: Random): Policy['missingData'] {
  if (random.chance(0.5)) return defaultPolicy.missingData;
  const inward = makeMissing(random);
  return {
    out: makeMissing(random),
    // The reader of a policy refuses it.
    in: inward.kind === 'failUp' ? { kind: 'hold' } : inward,
    rules: Array.from({ length: random.int(0, 2) }, () => ({
      rule: random.int(0, 3),
      use: makeMissing(random),
      ...(random.chance(0.5) ? {} : { profile: 'profile 0' }),
    })),
  };
}

function makeMissing(random: Random): MissingDataPolicy {
  const kind = random.pick(['hold', 'default', 'failUp', 'lastGood'] as const);
  if (kind !== 'lastGood') return { kind };
  return { kind, ttlMs: random.pick([2, 10, 30]) * minuteMs };
}
