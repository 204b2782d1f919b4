import { defaultPolicy, instant, minuteMs, targetId } from '@headroom/core';
import type { AutoscaleSetting, Rule, Sample } from '@headroom/core';
import { backtest } from '@headroom/scenario';
import type { BacktestRun, TargetHistory } from '@headroom/scenario';
import { Random } from '../../reference/random.ts';
import { atLeast, percentile, round, share } from '../figures.ts';
import type { Row } from '../figures.ts';
import { bareBacktest } from './bare-backtest.ts';
import type { BareFigures } from './bare-backtest.ts';

const days = 30;
const minutes = days * 24 * 60;
const rounds = 7;
const seed = 11;
const start = instant(Date.UTC(2026, 5, 1));
const target = targetId('/subscriptions/s/resourcegroups/g/providers/p/t/blue');
/** On record all the time; the candidate goes its own way from there. */
const recorded = 6;
/** Two rules out and two in, as the yardstick has them. */
const windows = [5, 10];
const above = [80, 70];
const below = [35, 30];
const cooldown = 5;
const provisioning = 4;
const bounds = { minimum: 1, maximum: 20 };

interface Timed<Result> {
  readonly result: Result;
  readonly cpuMs: number;
}

/** Evaluations of a closed loop over a month of minutes, on one core, beside the bare work. */
export function backtestBench(): readonly Row[] {
  const demand = demandOf(new Random(seed));
  const history = historyOf(demand);
  const bare = { demand, windows, above, below, ...bounds, capacity: recorded, cooldown };
  const ours: Timed<BacktestRun>[] = [];
  const theirs: Timed<BareFigures>[] = [];
  for (let round = 0; round <= rounds; round++) {
    ours.push(timed(() => run(history)));
    theirs.push(timed(() => bareBacktest({ ...bare, ageMinutes: 1, provisioning })));
  }
  // The first is the warm-up.
  const [own, limit] = [perSecond(ours.slice(1)), perSecond(theirs.slice(1))];
  const figures = ours[0]?.result.figures;
  const bareHours = theirs[0]?.result.instanceHours ?? NaN;
  const hours = `${round(figures?.instanceHours ?? NaN, 0)} and ${round(bareHours, 0)} instance-hours`;
  return [
    atLeast({
      what: 'evaluations a minute of a backtest on one core',
      value: (60 * own) / 1e6,
      text: (value) => `${round(value, 1)} million`,
      beside: `${days} days of minutes, 4 rules, in ${round((ours[0]?.result.evaluations ?? NaN) / own, 2)} s of CPU`,
      must: 1,
      aim: 5,
    }),
    {
      what: 'the same against the bare loop',
      measured: share(own / limit),
      beside: ` (${round(own / 1e3, 0)}k and ${round(limit / 1e3, 0)}k a second; ${hours})`,
      must: 'none',
      reached: true,
    },
  ];
}

function run(history: TargetHistory): BacktestRun {
  const result = backtest(history, { setting: history.setting, policy: defaultPolicy });
  if (result.kind === 'refused') throw new Error(result.why);
  return result.run;
}

/** User and system time: others may use the machine. */
function timed<Result>(work: () => Result): Timed<Result> {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1000 };
}

function perSecond(all: readonly Timed<{ readonly evaluations: number }>[]): number {
  return percentile(
    all.map(({ result, cpuMs }) => (1000 * result.evaluations) / cpuMs),
    0.5,
  );
}

/** A day's wave with noise, and a burst every few days: between one instance's work and fifteen's. */
function demandOf(random: Random): Float64Array {
  return Float64Array.from({ length: minutes }, (_, minute) => {
    const wave = 250 + 200 * Math.sin((2 * Math.PI * minute) / 1440);
    const burst = minute % 5000 < 90 ? 500 : 0;
    return (wave + burst) * (0.9 + 0.2 * random.next());
  });
}

function historyOf(demand: Float64Array): TargetHistory {
  const series = { resource: target, metric: 'cpuutilizationpercentage', dimensions: [] };
  const samples = Array.from(demand, (all, minute): Sample => {
    const value = all / recorded;
    const amounts = { count: 1, total: value, minimum: value, maximum: value };
    return { series, time: at(minute), grainMs: minuteMs, ...amounts };
  });
  const events = [
    { ...eventAt(0), kind: 'ScaleStarted' },
    { ...eventAt(provisioning), kind: 'ScaleSucceeded' },
  ] as const;
  const setting = settingOf();
  const capacities = [{ at: start, instances: recorded }];
  const rest = { settingId: setting.name, observed: [], gaps: [] };
  return { setting, from: start, to: at(minutes), samples, capacities, events, ...rest };
}

function at(minute: number) {
  return instant(start + minute * minuteMs);
}

/** Operations take that long. */
function eventAt(minute: number) {
  const ids = { setting: 'cpu', target, correlationId: '1', description: '' };
  return { at: at(minute), from: 1, to: 2, ...ids };
}

function settingOf(): AutoscaleSetting {
  const rules = [
    ...above.map((threshold, place) => ruleOf('out', threshold, windows[place] ?? 5)),
    ...below.map((threshold, place) => ruleOf('in', threshold, windows[place] ?? 5)),
  ];
  const profile = { name: 'default', capacity: { ...bounds, default: 1 }, rules };
  return { name: 'cpu', enabled: true, target, profiles: [profile] };
}

function ruleOf(way: 'out' | 'in', threshold: number, windowMinutes: number): Rule {
  return {
    trigger: {
      metricName: 'CpuUtilizationPercentage',
      resource: target,
      timeGrainMs: minuteMs,
      statistic: 'Average',
      timeWindowMs: windowMinutes * minuteMs,
      timeAggregation: 'Average',
      operator: way === 'out' ? 'GreaterThan' : 'LessThan',
      threshold,
      dimensions: [],
      dividePerInstance: false,
    },
    action: {
      direction: way === 'out' ? 'Increase' : 'Decrease',
      type: 'ChangeCount',
      value: 1,
      cooldownMs: cooldown * minuteMs,
    },
  };
}
