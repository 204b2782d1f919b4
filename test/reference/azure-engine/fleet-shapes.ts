import { dayMs } from '../durations.ts';
import type { Random } from '../random.ts';
import type { ArmProfile } from './arm-setting.ts';
import type { FormerSetting } from './autoscale-engine.ts';
import type { Place } from './fleet-place.ts';
import type { RuleChoice } from './fleet-rules.ts';
import { endOf, profile, rule, weekly } from './fleet-rules.ts';
import type { Habits } from './round.ts';
import type { Meter } from './workload.ts';

/** What is particular of a member. */
export interface ShapeOf {
  readonly profiles: readonly ArmProfile[];
  readonly meters: readonly Meter[];
  readonly enabled?: boolean;
  readonly habits?: Partial<Habits>;
  readonly failureChance?: number;
  readonly former?: FormerSetting;
  readonly madeAt?: number;
}

export interface ShapeInput {
  readonly place: Place;
  readonly random: Random;
  /** The first and the last instant of the history. */
  readonly begin: number;
  readonly end: number;
}

type Shape = (input: ShapeInput) => ShapeOf;

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
const bounds = [1, 10, 2] as const;
const fallback = 'Auto created default scale condition';
/** What most people have: CPU out and in, with a wide margin. */
const cpuPair = ({ place, random }: ShapeInput, more: Partial<RuleChoice> = {}) => [
  rule({ when: place.cpu, test: ['>', random.int(65, 75)], change: '+1', ...more }),
  rule({ when: place.cpu, test: ['<', random.int(22, 32)], change: '-1', ...more }),
];

const simple = (rules: ArmProfile['rules'], limits: readonly [number, number, number] = bounds) => [
  profile('default', limits, rules),
];

/** Settings of many kinds, good and bad ones, as they are met in the field. */
export const shapes: Readonly<Record<string, Shape>> = {
  'cpu-only': (input) => ({
    profiles: simple(cpuPair(input, { cooldown: input.random.pick(['PT5M', 'PT10M']) })),
    meters: [input.place.meters.cpu()],
  }),
  /** The script of Azure's own page on online endpoints. */
  'cpu-and-latency': ({ place }) => ({
    profiles: simple([
      rule({ when: place.cpu, test: ['>', 70], change: '+2' }),
      rule({ when: place.cpu, test: ['<', 25], change: '-1' }),
      rule({ when: place.latency, test: ['>', 180], change: '+1' }),
    ]),
    meters: [place.meters.cpu(), place.meters.latency(80)],
  }),
  'requests-per-instance': ({ place, random }) => {
    const when = { ...place.requests, dividePerInstance: true, timeWindow: 'PT10M' };
    const least = random.int(200, 260);
    return {
      profiles: simple([
        rule({ when, test: ['>', 600], change: '+1', cooldown: 'PT10M' }),
        rule({ when, test: ['<', least], change: '-1', cooldown: 'PT10M' }),
      ]),
      meters: [place.meters.requests(900)],
    };
  },
  'business-hours': (input) => {
    const zone = input.random.pick(['W. Europe Standard Time', 'Eastern Standard Time', 'UTC']);
    const rules = cpuPair(input);
    return {
      profiles: [
        profile(fallback, [1, 6, 1], rules),
        profile('business hours', [3, 12, 4], rules, weekly(zone, weekdays, 8)),
        profile(
          endOf('business hours', fallback),
          [1, 6, 1],
          rules,
          weekly(zone, weekdays, 18, 30),
        ),
      ],
      meters: [input.place.meters.cpu()],
    };
  },
  percent: ({ place }) => ({
    profiles: simple(
      [
        rule({ when: place.cpu, test: ['>', 70], change: '+40%', cooldown: 'PT7M' }),
        rule({ when: place.cpu, test: ['<', 35], change: '-25%', cooldown: 'PT15M' }),
      ],
      [2, 20, 3],
    ),
    meters: [place.meters.cpu()],
  }),
  'exact-count': ({ place }) => ({
    profiles: simple([
      rule({ when: place.cpu, test: ['>', 75], change: '+=7' }),
      rule({ when: place.cpu, test: ['<', 20], change: '-=2', cooldown: 'PT20M' }),
    ]),
    meters: [place.meters.cpu()],
  }),
  /** So narrow that most scale-ins would be undone at once. */
  'narrow-margin': ({ place }) => ({
    profiles: simple([
      rule({ when: place.cpu, test: ['>', 60], change: '+1', cooldown: 'PT20M' }),
      rule({ when: place.cpu, test: ['<', 52], change: '-2', cooldown: 'PT20M' }),
    ]),
    meters: [place.meters.cpu()],
  }),
  disabled: (input) => ({
    profiles: simple(cpuPair(input)),
    meters: [input.place.meters.cpu()],
    enabled: false,
  }),
  /** A scale-in rule that adds an instance, as a sample of Azure's documentation has it. */
  'wrong-direction': ({ place }) => ({
    profiles: simple([
      rule({ when: place.cpu, test: ['>', 70], change: '+1', cooldown: 'PT1H' }),
      rule({ when: place.cpu, test: ['<', 15], change: '+1', cooldown: 'PT1H' }),
    ]),
    meters: [place.meters.cpu()],
  }),
  'one-deployment': ({ place }) => {
    const dimensions = [
      { DimensionName: 'deployment', Operator: 'Equals', Values: ['blue'] },
    ] as const;
    const when = { ...place.requests, dimensions, dividePerInstance: true };
    return {
      profiles: simple([
        rule({ when, test: ['>', 500], change: '+1' }),
        rule({ when, test: ['<', 180], change: '-1' }),
      ]),
      meters: [place.meters.requests(800), place.meters.requests(800, 'green', 0.3)],
    };
  },
  'five-minute-grains': ({ place }) => {
    const when = { ...place.cpu, timeGrain: 'PT5M', timeWindow: 'PT15M' };
    return {
      profiles: simple([
        rule({ when, test: ['>', 68], change: '+1', cooldown: 'PT10M' }),
        rule({ when, test: ['<', 28], change: '-1', cooldown: 'PT10M' }),
      ]),
      meters: [place.meters.cpu()],
    };
  },
  queue: ({ place }) => ({
    profiles: simple([
      rule({ when: place.queue, test: ['>', 120], change: '+1', cooldown: 'PT20M' }),
      rule({ when: place.queue, test: ['<', 2], change: '-1', cooldown: 'PT30M' }),
    ]),
    meters: [place.meters.queue(60)],
  }),
  /** The highest minute of the busiest instance decides. */
  'busiest-instance': ({ place }) => {
    const when = { ...place.cpu, statistic: 'Max', timeAggregation: 'Maximum' } as const;
    return {
      profiles: simple([
        rule({ when, test: ['>', 85], change: '+1', cooldown: 'PT10M' }),
        rule({ when, test: ['<', 40], change: '-1', cooldown: 'PT10M' }),
      ]),
      meters: [place.meters.cpu(true)],
    };
  },
  'two-in-rules': ({ place }) => ({
    profiles: simple([
      rule({ when: place.cpu, test: ['>', 72], change: '+1' }),
      rule({ when: place.memory, test: ['>', 85], change: '+2' }),
      rule({ when: place.cpu, test: ['<', 30], change: '-1', cooldown: 'PT10M' }),
      rule({ when: place.memory, test: ['<', 55], change: '-2', cooldown: 'PT15M' }),
    ]),
    meters: [place.meters.cpu(), place.meters.memory()],
  }),
  'last-minute': ({ place }) => {
    const when = { ...place.cpu, timeAggregation: 'Last' } as const;
    return {
      profiles: simple(
        [
          rule({ when, test: ['>', 70], change: '+2', cooldown: 'PT1H' }),
          rule({ when, test: ['<', 30], change: '-1', cooldown: 'PT1H' }),
        ],
        [2, 8, 2],
      ),
      meters: [place.meters.cpu()],
    };
  },
  /** Two days of more instances within the history. */
  campaign: (input) => {
    const middle = (input.begin + input.end) / 2;
    const local = (at: number): string => new Date(at).toISOString().slice(0, 19);
    const fixedDate = {
      timeZone: 'Pacific Standard Time',
      start: local(middle - dayMs),
      end: local(middle + dayMs),
    };
    const rules = cpuPair(input);
    return {
      profiles: [
        profile('default', bounds, rules),
        profile('campaign', [4, 15, 5], rules, { fixedDate }),
      ],
      meters: [input.place.meters.cpu()],
    };
  },
  /** Counts a cooldown by the rule that fired last. */
  'last-fired-cooldown': ({ place }) => ({
    profiles: simple([
      rule({ when: place.cpu, test: ['>', 70], change: '+1', cooldown: 'PT20M' }),
      rule({ when: place.cpu, test: ['<', 30], change: '-1', cooldown: 'PT10M' }),
    ]),
    meters: [place.meters.cpu()],
    habits: { cooldownOf: 'lastFired' },
  }),
  'cooldown-from-end': (input) => ({
    profiles: simple(cpuPair(input, { cooldown: 'PT10M' })),
    meters: [input.place.meters.cpu()],
    habits: { cooldownFrom: 'end' },
  }),
  /** Its operations often fail, and are tried again at once. */
  'failing-operations': (input) => ({
    profiles: simple(cpuPair(input, { cooldown: 'PT15M' })),
    meters: [input.place.meters.cpu()],
    habits: { failureCools: false },
    failureChance: 0.1,
  }),
  'percent-rounded-up': ({ place }) => ({
    profiles: simple(
      [
        rule({ when: place.cpu, test: ['>', 70], change: '+30%', cooldown: 'PT10M' }),
        rule({ when: place.cpu, test: ['<', 35], change: '-15%', cooldown: 'PT15M' }),
      ],
      [2, 20, 3],
    ),
    meters: [place.meters.cpu()],
    habits: { percent: 'up' },
  }),
  /** Other thresholds and cooldowns until the middle of the history. */
  edited: ({ place, begin, end }) => ({
    profiles: simple([
      rule({ when: place.cpu, test: ['>', 75], change: '+1' }),
      rule({ when: place.cpu, test: ['<', 28], change: '-1' }),
    ]),
    meters: [place.meters.cpu()],
    former: {
      until: (begin + end) / 2,
      profiles: simple([
        rule({ when: place.cpu, test: ['>', 62], change: '+1', cooldown: 'PT10M' }),
        rule({ when: place.cpu, test: ['<', 22], change: '-1', cooldown: 'PT15M' }),
      ]),
    },
  }),
  /** Its target was made in the middle of the history. */
  'made-later': (input) => ({
    profiles: simple(cpuPair(input)),
    meters: [input.place.meters.cpu()],
    madeAt: (input.begin + input.end) / 2,
  }),
};
