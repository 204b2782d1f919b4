import { after, instant, minuteMs } from '@headroom/core';
import type { Dimensions, Instant, Sample } from '@headroom/core';
import { MemoryMetricSource } from '@headroom/memory';
import type { AutoscaleEvent, HistoryAnswer } from '@headroom/ports';
import type { HistorySources } from './histories.ts';

export const subscription = '11111111-2222-3333-4444-555555555555';
export const noon = instant(Date.UTC(2026, 10, 20, 12));
export const dayMs = 86_400_000;

const group = `/subscriptions/${subscription}/resourcegroups/rg/providers`;
export const settingId = (name: string): string =>
  `${group}/microsoft.insights/autoscalesettings/${name.toLowerCase()}`;
export const deployment = (name: string): string =>
  `${group}/microsoft.machinelearningservices/workspaces/ws/onlineendpoints/ep/deployments/${name}`;

/** ARM's JSON: CPU of the deployment above 70 adds one. */
export function armSetting(name: string, metricName = 'Cpu'): Record<string, unknown> {
  const target = deployment(name.toLowerCase());
  const metricTrigger = {
    ...{ metricName, metricResourceUri: target, timeGrain: 'PT1M', timeWindow: 'PT5M' },
    ...{ statistic: 'Average', timeAggregation: 'Average', operator: 'GreaterThan', threshold: 70 },
  };
  const scaleAction = { direction: 'Increase', type: 'ChangeCount', value: '1', cooldown: 'PT5M' };
  const capacity = { minimum: '1', maximum: '9', default: '1' };
  const rules = [{ metricTrigger, scaleAction }];
  const profiles = [{ name: 'always', capacity, rules }];
  const properties = { enabled: true, targetResourceUri: target, profiles };
  return { id: settingId(name), name, location: 'westeurope', properties };
}

export function sampleAt(
  resource: string,
  metric: string,
  time: Instant,
  value: number,
  dimensions: Dimensions = [],
): Sample {
  const series = { resource, metric: metric.toLowerCase(), dimensions };
  const numbers = { count: 1, total: value, minimum: value, maximum: value };
  return { series, time, grainMs: minuteMs, ...numbers };
}

export function eventAt(
  name: string,
  kind: AutoscaleEvent['kind'],
  at: Instant,
  counts: Partial<AutoscaleEvent> = {},
): AutoscaleEvent {
  const of = { setting: settingId(name), target: deployment(name) };
  return { at, kind, ...of, correlationId: 'run', description: '', ...counts };
}

/** A small subscription, whose time is moved by hand. */
export class FakeAzure implements HistorySources {
  time: Instant = noon;
  documents: unknown[] = [];
  log: AutoscaleEvent[] = [];
  /** What was asked of the activity log. */
  readonly asked: (readonly [Instant, Instant])[] = [];
  readonly metrics = new MemoryMetricSource({ clock: { now: () => this.time }, lagMs: 0 });
  failure: Error | undefined;

  now(): Instant {
    return this.time;
  }

  settingsIn(): Promise<readonly unknown[]> {
    return Promise.resolve(this.documents);
  }

  readonly events = {
    events: (_: object, from: Instant, to: Instant): Promise<HistoryAnswer> => {
      if (this.failure !== undefined) return Promise.reject(this.failure);
      this.asked.push([from, to]);
      const events = this.log.filter(({ at }) => at >= from && at < to);
      return Promise.resolve({ events, calls: 1 });
    },
  };

  /** A value in each hour of the days before noon. */
  measure(resource: string, metric: string, days: number): void {
    for (let hour = 1; hour <= 24 * days; hour++) {
      this.metrics.put(sampleAt(resource, metric, after(noon, -hour * 3_600_000), hour));
    }
  }
}
