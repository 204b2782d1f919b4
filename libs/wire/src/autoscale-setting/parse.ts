import { defaultPolicy, failed, ok, validateSetting } from '@headroom/core';
import type {
  AutoscaleSetting,
  Problem,
  Profile,
  Result,
  Rule,
  SettingContent,
} from '@headroom/core';
import { problemsOf } from '../json.ts';
import { parsePolicy } from '../policy.ts';
import { armSettingSchema } from './schema.ts';
import type { ArmProfile, ArmRule, ArmSetting } from './schema.ts';

const strict = armSettingSchema('strict');
const lenient = armSettingSchema('lenient');

/**
 * An ARM `Microsoft.Insights/autoscaleSettings` resource as a setting, or everything that is wrong
 * with it: form and meaning in one go. `enabled` left out means true.
 */
export function parseAutoscaleSetting(
  document: unknown,
): Result<AutoscaleSetting, readonly Problem[]> {
  const parsed = strict.safeParse(document);
  if (!parsed.success) return failed(allProblems(document, problemsOf(parsed.error)));
  const setting = settingOf(parsed.data);
  const problems = validateSetting(setting);
  return problems.length === 0 ? ok(setting) : failed(problems);
}

/**
 * What a store's document means, whatever it holds. A policy that was never written is the default
 * one.
 */
export function decodeSettingContent(document: unknown, policy: unknown): SettingContent {
  const setting = parseAutoscaleSetting(document);
  const parsedPolicy = parsePolicy(policy ?? defaultPolicy);
  if (setting.ok && parsedPolicy.ok) {
    return { kind: 'setting', setting: setting.value, policy: parsedPolicy.value };
  }
  const problems = [
    ...(setting.ok ? [] : setting.error.map(sentence)),
    ...(parsedPolicy.ok ? [] : parsedPolicy.error.map((found) => `policy ${sentence(found)}`)),
  ];
  return { kind: 'unreadable', problems };
}

/** The problems of meaning too, where what they are about could be read. */
function allProblems(document: unknown, ofForm: readonly Problem[]): readonly Problem[] {
  const draft = lenient.safeParse(document);
  if (!draft.success) return ofForm;
  const told = (field: string): boolean => ofForm.some((found) => found.field.startsWith(field));
  return [...ofForm, ...validateSetting(settingOf(draft.data)).filter(({ field }) => !told(field))];
}

function sentence({ field, message }: Problem): string {
  return field === '' ? message : `${field}: ${message}`;
}

function settingOf(document: ArmSetting): AutoscaleSetting {
  const { properties } = document;
  return {
    name: nameOf(document),
    enabled: properties.enabled,
    target: properties.targetResourceUri,
    profiles: properties.profiles.map(profileOf),
  };
}

/**
 * The outer name wins over the one in the properties, as in Azure; a body for PUT has its name in
 * the URL only.
 */
function nameOf({ id, name, properties }: ArmSetting): string {
  const fromId = id?.split('/').at(-1);
  const fromTarget = properties.targetResourceUri.split('/').at(-1);
  return name ?? (fromId || properties.name) ?? fromTarget ?? '';
}

function profileOf({ name, capacity, rules }: ArmProfile): Profile {
  return { name, capacity, rules: rules.map(ruleOf) };
}

function ruleOf({ metricTrigger, scaleAction }: ArmRule): Rule {
  return {
    trigger: {
      metricName: metricTrigger.metricName,
      resource: metricTrigger.metricResourceUri,
      timeGrainMs: metricTrigger.timeGrain,
      statistic: metricTrigger.statistic,
      timeWindowMs: metricTrigger.timeWindow,
      timeAggregation: metricTrigger.timeAggregation,
      operator: metricTrigger.operator,
      threshold: metricTrigger.threshold,
      dimensions: metricTrigger.dimensions.map((dimension) => ({
        name: dimension.DimensionName,
        operator: dimension.Operator,
        values: dimension.Values,
      })),
      dividePerInstance: metricTrigger.dividePerInstance,
    },
    action: {
      direction: scaleAction.direction,
      type: scaleAction.type,
      value: scaleAction.value,
      cooldownMs: scaleAction.cooldown,
    },
  };
}
