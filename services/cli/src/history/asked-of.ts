import { askedReads, idOf, minuteMs } from '@headroom/core';
import type { AskedRead, AutoscaleSetting } from '@headroom/core';

/** The setting's own metrics: what Azure's engine read, and what it found the capacity to be (Supported metrics: autoscaleSettings). */
export const ownNamespace = 'Microsoft.Insights/autoscaleSettings';
export const observedCapacity = 'ObservedCapacity';
export const observedValue = 'ObservedMetricValue';
export const sourceDimension = 'MetricTriggerSource';

/** What a history of the setting is made of. */
export function askedOf(settingId: string, setting: AutoscaleSetting): readonly AskedRead[] {
  const own = { resource: settingId, namespace: ownNamespace, grainMs: minuteMs, windowMs: 0 };
  return [
    ...askedReads(setting),
    { ...own, metric: observedCapacity, split: [] },
    { ...own, metric: observedValue, split: [sourceDimension] },
  ];
}

/** The same for the same question. */
export function askedName(reads: readonly AskedRead[]): string {
  return idOf(...reads.map((read) => JSON.stringify(read).toLowerCase()).toSorted());
}
