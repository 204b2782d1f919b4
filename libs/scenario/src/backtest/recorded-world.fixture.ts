import { after, defaultPolicy, instant, minuteMs, secondMs, targetId } from '@headroom/core';
import type { AutoscaleSetting, Instant, Millis, Rule, Sample } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import type { TargetHistory } from '../history/target-history.ts';
import type { CapacityChangeAt } from '../simulate.ts';
import { Simulation } from '../simulation.ts';
import type { Arrival } from '../simulation.ts';

export const target = targetId('/subscriptions/s/resourcegroups/g/providers/p/t/blue');
export const start = instant(Date.UTC(2026, 0, 5));
export const cpu = 'CpuUtilizationPercentage';

export interface World {
  readonly setting: AutoscaleSetting;
  /** Per cent of one instance, minute by minute. */
  readonly demand: readonly number[];
  readonly capacity: number;
  readonly lagMs: Millis;
  readonly provisioningMs: Millis;
  /** What else is on record of a minute, from its demand and the instances that there were. */
  readonly others?: (demand: number, instances: number) => Readonly<Record<string, number>>;
}

/** What would be on record of a target under a setting, whose instances share a demand. */
export function historyOf(world: World): TargetHistory {
  const { setting, demand, capacity, lagMs, provisioningMs } = world;
  const capacities: CapacityChangeAt[] = [{ at: start, instances: capacity }];
  const events: AutoscaleEvent[] = [];
  const samples: Sample[] = [];
  const to = after(start, demand.length * minuteMs);
  const setup = { setting, policy: defaultPolicy, capacity, start, scaling: provisioningMs };
  const arrivals = arrivalsOf(world, capacities, samples, lagMs);
  const simulation = new Simulation({ ...setup, arrivals }, (step) => {
    if (step.kind === 'evaluation' && step.decision.outcome !== 'Hold') {
      const { before, after: next } = step.decision.capacity;
      events.push(eventOf('ScaleStarted', step.at, before, next));
    }
    if (step.kind !== 'operation') return;
    events.push(eventOf('ScaleSucceeded', step.at, capacities.at(-1)?.instances, step.result.to));
    capacities.push({ at: step.at, instances: step.result.to });
  });
  simulation.advanceTo(to);
  const rest = { settingId: setting.name, observed: [], gaps: [] };
  return { setting, from: start, to, samples, capacities, events, ...rest };
}

/** A minute's samples are made when they come: the instances that there were in it are known then. */
function arrivalsOf(
  world: World,
  capacities: readonly CapacityChangeAt[],
  samples: Sample[],
  lagMs: Millis,
): readonly Arrival[] {
  return world.demand.map((demand, minute) => {
    const time = after(start, minute * minuteMs);
    return {
      at: after(time, minuteMs + lagMs),
      interventions: [],
      get samples() {
        const made = samplesOf(world, demand, time, capacities);
        samples.push(...made);
        return made.map((sample) => ({ sample, path: 'poll' }));
      },
    };
  });
}

function samplesOf(
  { others }: World,
  demand: number,
  time: Instant,
  capacities: readonly CapacityChangeAt[],
): readonly Sample[] {
  // A minute has no more changes than that.
  const recent = capacities.slice(-3);
  const seconds = Array.from({ length: 60 }, (_, second) =>
    instancesAt(after(time, second * secondMs), recent),
  );
  const utilisation = mean(seconds.map((instances) => Math.min(100, demand / instances)));
  const rest = others?.(demand, mean(seconds)) ?? {};
  const values = { [cpu]: utilisation, ...rest };
  return Object.entries(values).map(([metric, value]) => sampleOf(metric, time, value));
}

export function sampleOf(metric: string, time: Instant, value: number): Sample {
  const series = { resource: target, metric: metric.toLowerCase(), dimensions: [] };
  const amounts = { count: 1, total: value, minimum: value, maximum: value };
  return { series, time, grainMs: minuteMs, ...amounts };
}

function instancesAt(at: Instant, capacities: readonly CapacityChangeAt[]): number {
  return capacities.findLast((change) => change.at <= at)?.instances ?? 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function eventOf(
  kind: AutoscaleEvent['kind'],
  at: Instant,
  from: number | undefined,
  to: number | undefined,
): AutoscaleEvent {
  const counts = { from: from ?? 0, to: to ?? 0 };
  const common = { setting: 'cpu', target, description: '', correlationId: `to-${to}` };
  return { at, kind, ...counts, ...common };
}

export interface RuleChoice {
  readonly metric?: string;
  readonly above?: number;
  readonly below?: number;
  readonly by?: number;
  readonly windowMs?: Millis;
  readonly cooldownMs?: Millis;
  readonly change?: Partial<Rule['trigger']>;
}

export function ruleOf(choice: RuleChoice): Rule {
  const { metric = cpu, above, below, by = 1, windowMs = 5 * minuteMs } = choice;
  return {
    trigger: {
      metricName: metric,
      resource: target,
      timeGrainMs: minuteMs,
      statistic: 'Average',
      timeWindowMs: windowMs,
      timeAggregation: 'Average',
      operator: above === undefined ? 'LessThan' : 'GreaterThan',
      threshold: above ?? below ?? 0,
      dimensions: [],
      dividePerInstance: false,
      ...choice.change,
    },
    action: {
      direction: above === undefined ? 'Decrease' : 'Increase',
      type: 'ChangeCount',
      value: by,
      cooldownMs: choice.cooldownMs ?? 5 * minuteMs,
    },
  };
}

/** Above 70 out, below 30 in, unless other rules are given. */
export function settingOf(
  rules: readonly RuleChoice[] = [{ above: 70 }, { below: 30 }],
  bounds: readonly [minimum: number, maximum: number] = [1, 10],
): AutoscaleSetting {
  const [minimum, maximum] = bounds;
  const capacity = { minimum, maximum, default: minimum };
  const profile = { name: 'default', capacity, rules: rules.map(ruleOf) };
  return { name: 'cpu', enabled: true, target, profiles: [profile] };
}
