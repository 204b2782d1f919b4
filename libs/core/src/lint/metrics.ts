import type { LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { armTypeOf } from '../lang/target.ts';
import {
  deploymentType,
  endpointType,
  isSame,
  knownMetric,
  metricOfType,
  resourceTypeOf,
} from './metric-catalog.ts';
import type { KnownMetric, KnownResourceType } from './metric-catalog.ts';

/** Metrics that the resource does not have, that its path does not deliver, or that a filter never finds. */
export function unfitMetrics(profile: LintedProfile): readonly LintFinding[] {
  const told = new Set<string>();
  return profile.rules
    .flatMap((rule) => ofRule(profile, rule))
    .filter(({ title }) => !told.has(title) && told.add(title).size > 0);
}

function ofRule(profile: LintedProfile, rule: LintedRule): readonly LintFinding[] {
  const type = resourceTypeOf(rule.rule.trigger.resource);
  if (type === undefined) return [unknownType(rule)];
  const metric = knownMetric(rule.rule.trigger);
  if (metric === undefined) return type.complete ? [unknownMetric(rule, type)] : [];
  return [
    ...notExported(profile, rule, metric),
    ...flattened(profile, rule, metric),
    ...unknownDimensions(rule, metric),
    ...unfilteredEndpoint(profile, rule, metric),
  ];
}

function unknownType({ field, rule: { trigger } }: LintedRule): LintFinding {
  const type = armTypeOf(trigger.resource);
  return {
    rule: 'unknown-resource-type',
    severity: 'note',
    field: `${field}.metricTrigger.metricResourceUri`,
    title:
      `Whether ${type === '' ? trigger.resource : type} has the metric ${trigger.metricName} is ` +
      'not known here',
    why: 'Metrics of ML online endpoints and their deployments are checked by name, others are not.',
    fix: "Look it up among Azure Monitor's supported metrics: a misspelt one is missing for ever.",
  };
}

function unknownMetric(
  { field, rule: { trigger } }: LintedRule,
  type: KnownResourceType,
): LintFinding {
  const near = nearest(trigger.metricName, type);
  const elsewhere = onEndpoint(trigger.metricName, type)
    ? " The endpoint has it: set metricResourceUri to the endpoint's id, and filter on deployment."
    : '';
  const suggestion = near === undefined ? '' : ` Did you mean ${near}?`;
  return {
    rule: 'unknown-metric',
    severity: 'warning',
    field: `${field}.metricTrigger.metricName`,
    title: `Azure Monitor has no metric ${trigger.metricName} of ${type.name}`,
    why:
      'Unless an application of your own sends it under this name, it will always be missing: ' +
      'the rule never fires, and nothing scales in.',
    fix: `Check the name.${elsewhere === '' ? suggestion : elsewhere}`,
  };
}

/** `RequestLatency` without a percentile, for one, is there on endpoints only. */
function onEndpoint(metricName: string, type: KnownResourceType): boolean {
  return isSame(type.name, deploymentType) && metricOfType(endpointType, metricName) !== undefined;
}

/** The known name that begins alike for longest, if that is most of it. */
function nearest(name: string, { metrics }: KnownResourceType): string | undefined {
  const shared = (other: string) => sharedBeginning(name.toLowerCase(), other.toLowerCase());
  const best = metrics.map((metric) => metric.name).sort((a, b) => shared(b) - shared(a))[0];
  return best !== undefined && shared(best) * 2 >= name.length ? best : undefined;
}

function sharedBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function notExported(
  { options }: LintedProfile,
  { field }: LintedRule,
  metric: KnownMetric,
): readonly LintFinding[] {
  if (metric.exported || options.path === 'push' || options.path === 'poll') return [];
  return [
    {
      rule: 'metric-not-exported',
      severity: options.path === 'export' ? 'error' : 'note',
      field: `${field}.metricTrigger.metricName`,
      title: `Diagnostic settings do not export ${metric.name}`,
      why: 'Azure Monitor marks it as not exportable: over that path it never arrives, and is missing.',
      fix: 'Have it polled from Azure Monitor, or pushed by a gateway or the application.',
    },
  ];
}

/** Exported metrics are summed up over all values of their dimensions (Microsoft: diagnostic settings). */
function flattened(
  { options }: LintedProfile,
  { field, rule: { trigger } }: LintedRule,
  { name, exported }: KnownMetric,
): readonly LintFinding[] {
  const filters = trigger.dimensions.filter(({ operator }) => operator === 'Equals');
  if (options.path !== 'export' || !exported || filters.length === 0) return [];
  const names = filters.map((filter) => filter.name).join(', ');
  return [
    {
      rule: 'dimension-not-exported',
      severity: 'warning',
      field: `${field}.metricTrigger.dimensions`,
      title: `Diagnostic settings export ${name} without its dimension ${names}`,
      why:
        'They add up over all values of a dimension, so a filter with Equals can find nothing: ' +
        'the metric is missing then.',
      fix: 'Have it polled from Azure Monitor, or pushed, or remove the filter.',
    },
  ];
}

function unknownDimensions(
  { field, rule: { trigger } }: LintedRule,
  { name, dimensions }: KnownMetric,
): readonly LintFinding[] {
  if (dimensions === undefined) return [];
  return trigger.dimensions
    .filter((filter) => !dimensions.some((known) => isSame(known, filter.name)))
    .map((filter) => ({
      rule: 'unknown-dimension',
      severity: 'warning',
      field: `${field}.metricTrigger.dimensions`,
      title: `${name} has no dimension ${filter.name}`,
      why:
        filter.operator === 'Equals'
          ? 'A series without the dimension never equals anything: unless a producer of your own ' +
            'adds it, the metric is missing.'
          : 'A series without the dimension passes every NotEquals: the filter filters nothing.',
      fix:
        dimensions.length === 0
          ? 'Remove the filter: the metric has no dimensions.'
          : `Use one that it has: ${dimensions.join(', ')}.`,
    }));
}

/** Traffic to a sibling would scale this deployment. */
function unfilteredEndpoint(
  { setting }: LintedProfile,
  { field, rule: { trigger } }: LintedRule,
  metric: KnownMetric,
): readonly LintFinding[] {
  const isDeployment = armTypeOf(setting.target) === deploymentType.toLowerCase();
  const isEndpoint = armTypeOf(trigger.resource) === endpointType.toLowerCase();
  const filters = trigger.dimensions.some(({ name }) => isSame(name, 'deployment'));
  const splits = metric.dimensions?.includes('deployment') === true;
  if (!isDeployment || !isEndpoint || filters || !splits) return [];
  const deployment = setting.target.split('/').at(-1) ?? '';
  return [
    {
      rule: 'endpoint-metric-unfiltered',
      severity: 'warning',
      field: `${field}.metricTrigger.dimensions`,
      title: `${metric.name} of the endpoint counts all its deployments`,
      why: `What a sibling deployment does will scale this one, wherever the endpoint has several.`,
      fix:
        'Filter: "dimensions": [{ "DimensionName": "deployment", "Operator": "Equals", "Values": ' +
        `["${deployment}"] }].`,
    },
  ];
}
