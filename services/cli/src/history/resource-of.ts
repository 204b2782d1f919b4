import { targetId } from '@headroom/core';
import type { AutoscaleSetting } from '@headroom/core';

export type ResourceOf =
  | { readonly kind: 'one'; readonly resource: string }
  /** No rule reads the metric. */
  | { readonly kind: 'none' }
  /** Rules read it of so many resources. */
  | { readonly kind: 'several'; readonly resources: number };

/** The resource that a value is of: the one that is named, or the one whose metric the setting's rules read. */
export function resourceOf(metric: string, named: string, setting: AutoscaleSetting): ResourceOf {
  if (named !== '') return { kind: 'one', resource: targetId(named) };
  const wanted = metric.toLowerCase();
  const found = triggersOf(setting).filter(({ metricName }) => metricName.toLowerCase() === wanted);
  const resources = [...new Set(found.map(({ resource }) => resource))];
  const [resource] = resources;
  if (resource === undefined) return { kind: 'none' };
  if (resources.length > 1) return { kind: 'several', resources: resources.length };
  return { kind: 'one', resource };
}

/** The metrics that the setting's rules read, for a person. */
export function readNames(setting: AutoscaleSetting): string {
  const names = [...new Set(triggersOf(setting).map(({ metricName }) => metricName))];
  return names.length === 0 ? 'no metric' : names.join(', ');
}

function triggersOf({ profiles }: AutoscaleSetting) {
  return profiles.flatMap(({ rules }) => rules.map(({ trigger }) => trigger));
}
