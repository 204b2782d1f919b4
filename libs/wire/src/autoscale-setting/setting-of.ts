import type { AutoscaleSetting, Profile, Rule } from '@headroom/core';
import { nameLengthMax } from '../vocabulary/lang.ts';
import type { ArmProfile, ArmRule, ArmSetting } from './schema.ts';

/** The ARM document, which was checked, in the words of the domain. */
export function settingOf(document: ArmSetting): AutoscaleSetting {
  const { properties } = document;
  return {
    name: nameOf(document),
    enabled: properties.enabled ?? true,
    target: properties.targetResourceUri,
    profiles: properties.profiles.map(profileOf),
  };
}

/**
 * The outer name wins over the one in the properties, as in Azure; a body for PUT has its name in
 * the URL only. A part of an id may be longer than a name.
 */
function nameOf({ id, name, properties }: ArmSetting): string {
  const fromId = id?.split('/').at(-1);
  const fromTarget = properties.targetResourceUri.split('/').at(-1);
  const found = name ?? (fromId || properties.name) ?? fromTarget ?? '';
  return found.slice(0, nameLengthMax);
}

function profileOf({ name, capacity, rules, fixedDate, recurrence }: ArmProfile): Profile {
  const schedule = fixedDate ?? recurrence ?? undefined;
  const profile = { name, capacity, rules: rules.map(ruleOf) };
  return schedule === undefined ? profile : { ...profile, schedule };
}

function ruleOf({ metricTrigger, scaleAction }: ArmRule): Rule {
  return {
    trigger: {
      metricName: metricTrigger.metricName,
      ...namespaceOf(metricTrigger),
      resource: metricTrigger.metricResourceUri,
      timeGrainMs: metricTrigger.timeGrain,
      statistic: metricTrigger.statistic,
      timeWindowMs: metricTrigger.timeWindow,
      timeAggregation: metricTrigger.timeAggregation,
      operator: metricTrigger.operator,
      threshold: metricTrigger.threshold,
      dimensions: (metricTrigger.dimensions ?? []).map((dimension) => ({
        name: dimension.DimensionName,
        operator: dimension.Operator,
        values: dimension.Values,
      })),
      dividePerInstance: metricTrigger.dividePerInstance ?? false,
    },
    action: {
      direction: scaleAction.direction,
      type: scaleAction.type,
      value: scaleAction.value,
      cooldownMs: scaleAction.cooldown,
    },
  };
}

/** Azure's own documents write an empty text where the namespace is the type of the resource. */
function namespaceOf({ metricNamespace }: ArmRule['metricTrigger']) {
  const name = metricNamespace?.trim() ?? '';
  return name === '' ? {} : { metricNamespace: name };
}
