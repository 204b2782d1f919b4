import type { ArmProfile, ArmRule, ArmSetting } from './arm-setting.ts';

/** An entry of the activity log, in the parts that somebody has to choose. */
export interface ActivityEntry {
  readonly timeMs: number;
  readonly resourceId: string;
  readonly operationName: string;
  readonly status: 'Succeeded' | 'Failed';
  readonly category: 'Autoscale' | 'Administrative';
  readonly eventName: string;
  readonly level: 'Informational' | 'Error';
  readonly description: string;
  readonly caller: string;
  readonly correlationId: string;
  readonly properties: Readonly<Record<string, string>>;
}

export type AutoscaleEntryKind =
  | 'initiated'
  | 'completed'
  | 'failed'
  | 'MetricFailure'
  | 'MetricRecovery'
  | 'Flapping'
  | 'FlappingOccurred';

export interface AutoscaleEntry {
  readonly kind: AutoscaleEntryKind;
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** What the rules asked for, where the count is another. */
  readonly intended?: number;
  readonly profile: ArmProfile;
  readonly lastActionAt: number | undefined;
  readonly correlationId: string;
}

/**
 * As Azure's engine writes them: the names of "Diagnostic settings in autoscale" and "Overview of autoscale flapping", the list of
 * operations of the provider Microsoft.Insights. The begin of an action is a success of `Scaleup`, its end one of `ScaleupResult`;
 * the engine speaks of up and down where out and in are meant.
 */
export function autoscaleEntry(setting: ArmSetting, entry: AutoscaleEntry): ActivityEntry {
  const { kind, at, correlationId } = entry;
  const failed = kind === 'failed' || kind === 'MetricFailure';
  const [operation, eventName] = namesOf(entry);
  const description = descriptionOf(setting, entry);
  return {
    timeMs: at,
    resourceId: setting.id,
    operationName: `Microsoft.Insights/AutoscaleSettings/${operation}/Action`,
    status: failed ? 'Failed' : 'Succeeded',
    category: 'Autoscale',
    eventName,
    level: failed ? 'Error' : 'Informational',
    description,
    caller: 'Microsoft.Insights/autoscaleSettings',
    correlationId,
    properties: propertiesOf(setting, entry, description),
  };
}

/** A count that a person set, as Azure Resource Manager logs the write. */
export function manualEntry(target: string, at: number, correlationId: string): ActivityEntry {
  return {
    timeMs: at,
    resourceId: target,
    operationName: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/write',
    status: 'Succeeded',
    category: 'Administrative',
    eventName: 'EndRequest',
    level: 'Informational',
    description: '',
    caller: 'someone@example.org',
    correlationId,
    properties: {},
  };
}

function namesOf({ kind, from, to }: AutoscaleEntry): readonly [operation: string, event: string] {
  const scale = to > from ? 'Scaleup' : 'Scaledown';
  switch (kind) {
    case 'initiated':
      return [scale, 'AutoscaleAction'];
    case 'completed':
    case 'failed':
      return [`${scale}Result`, 'GetOperationStatusResult'];
    case 'Flapping':
    case 'FlappingOccurred':
      return ['Flapping', kind];
    case 'MetricFailure':
    case 'MetricRecovery':
      return [kind, kind];
  }
}

function descriptionOf({ properties }: ArmSetting, entry: AutoscaleEntry): string {
  const { kind, from, to, intended } = entry;
  const resource = properties.targetResourceUri;
  const counts = `from ${from} instances count to ${to} instances count`;
  const flapping = `Resource: '${resource}'. Current instance count: '${from}', Intended new instance count: '${intended ?? to}'`;
  switch (kind) {
    case 'initiated':
      return `The autoscale engine attempting to scale resource '${resource}' ${counts}.`;
    case 'completed':
      return `The autoscale engine successfully scaled resource '${resource}' ${counts}.`;
    case 'failed':
      return `The autoscale engine failed to scale resource '${resource}' ${counts}.`;
    case 'Flapping':
      return `Cannot scale down due to flapping observed. ${flapping}`;
    case 'FlappingOccurred':
      return `Scale down will occur with updated instance count to avoid flapping. ${flapping}. Actual new instance count: '${to}'`;
    case 'MetricFailure':
      return `The autoscale engine could not read the metrics of resource '${resource}'. To ensure service availability, it scales out to the default capacity if that is greater than the current one.`;
    case 'MetricRecovery':
      return `The autoscale engine reads the metrics of resource '${resource}' again.`;
  }
}

/** Texts throughout; the profile and its rules are JSON in a text. */
function propertiesOf(
  { properties }: ArmSetting,
  { kind, from, to, profile, lastActionAt }: AutoscaleEntry,
  description: string,
): Readonly<Record<string, string>> {
  const counts = { OldInstancesCount: String(from), NewInstancesCount: String(to) };
  return {
    Description: description,
    ResourceName: properties.targetResourceUri,
    ...(kind.startsWith('Metric') ? {} : counts),
    ActiveAutoscaleProfile: JSON.stringify(profileOf(profile)),
    ...(lastActionAt === undefined
      ? {}
      : { LastScaleActionTime: new Date(lastActionAt).toUTCString() }),
  };
}

function profileOf({ name, capacity, rules }: ArmProfile): object {
  const { minimum, maximum } = capacity;
  const limits = { Minimum: minimum, Maximum: maximum, Default: capacity.default };
  return { Name: name, Capacity: limits, Rules: rules.map(ruleOf) };
}

function ruleOf({ metricTrigger, scaleAction }: ArmRule): object {
  const { metricName, metricNamespace = '', metricResourceUri, dimensions = [] } = metricTrigger;
  const { direction, type, value, cooldown } = scaleAction;
  return {
    MetricTrigger: {
      Name: metricName,
      Namespace: metricNamespace,
      Resource: metricResourceUri,
      ResourceLocation: null,
      TimeGrain: metricTrigger.timeGrain,
      Statistic: metricTrigger.statistic,
      TimeWindow: metricTrigger.timeWindow,
      TimeAggregation: metricTrigger.timeAggregation,
      Operator: metricTrigger.operator,
      Threshold: metricTrigger.threshold,
      Source: metricResourceUri,
      MetricType: 'MDM',
      Dimensions: dimensions,
      DividePerInstance: metricTrigger.dividePerInstance ?? false,
    },
    ScaleAction: { Direction: direction, Type: type, Value: value, Cooldown: cooldown },
  };
}
