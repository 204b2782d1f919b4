import { askedReads, idOf, minuteMs } from '@headroom/core';
import type { AskedRead, AutoscaleSetting } from '@headroom/core';

/**
 * The setting's own metrics: what Azure's engine read, what it compared that with, what it found the capacity to be, and the
 * actions that it began (Supported metrics: autoscaleSettings).
 */
const ownNamespace = 'Microsoft.Insights/autoscaleSettings';
export const observedCapacity = 'ObservedCapacity';
export const observedValue = 'ObservedMetricValue';
export const sourceDimension = 'MetricTriggerSource';
export const metricThreshold = 'MetricThreshold';
export const ruleDimension = 'MetricTriggerRule';
export const actionsInitiated = 'ScaleActionsInitiated';
export const directionDimension = 'ScaleDirection';

/** What a history of the setting is made of. */
export function askedOf(settingId: string, setting: AutoscaleSetting): readonly AskedRead[] {
  const own = { resource: settingId, namespace: ownNamespace, grainMs: minuteMs, windowMs: 0 };
  return [
    ...askedReads(setting),
    { ...own, metric: observedCapacity, split: [] },
    { ...own, metric: observedValue, split: [sourceDimension] },
    { ...own, metric: metricThreshold, split: [ruleDimension] },
    { ...own, metric: actionsInitiated, split: [directionDimension] },
  ];
}

/**
 * The same for the same question. What is asked for beside it makes no other one: days that were fetched without it are
 * not fetched again, of which Azure may have nothing any more.
 */
export function askedName(reads: readonly AskedRead[]): string {
  const named = reads.filter(({ namespace, metric }) => {
    return namespace !== ownNamespace || !besides.has(metric);
  });
  return idOf(...named.map((read) => JSON.stringify(read).toLowerCase()).toSorted());
}

const besides: ReadonlySet<string> = new Set([metricThreshold, actionsInitiated]);
