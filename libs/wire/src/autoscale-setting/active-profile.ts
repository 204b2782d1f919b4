import type { Profile } from '@headroom/core';
import { isObject } from '../json.ts';
import { readAutoscaleSetting } from './parse.ts';

/** The names of ARM's members, where Azure's engine has others than the same in upper case. */
const triggerNames: Readonly<Record<string, string>> = {
  name: 'metricName',
  namespace: 'metricNamespace',
  resource: 'metricResourceUri',
  resourcelocation: 'metricResourceLocation',
};

/**
 * `ActiveAutoscaleProfile` of an entry of the activity log: the profile in force, in the words of Azure's engine, as JSON ("Diagnostic
 * settings in autoscale"). It names no schedule. `undefined`: it is none that Headroom reads.
 */
export function readActiveProfile(text: string): Profile | undefined {
  const profile = armProfile(parsed(text));
  if (profile === undefined) return undefined;
  const properties = { targetResourceUri: '/of/whatever', enabled: true, profiles: [profile] };
  const read = readAutoscaleSetting({ name: 'of then', properties });
  return read.ok ? read.value.profiles[0] : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function armProfile(document: unknown): Record<string, unknown> | undefined {
  if (!isObject(document)) return undefined;
  const { name, capacity, rules } = lowerCased(document);
  if (!Array.isArray(rules)) return undefined;
  return {
    name,
    capacity: isObject(capacity) ? lowerCased(capacity) : capacity,
    rules: rules.map(armRule),
  };
}

function armRule(document: unknown): unknown {
  if (!isObject(document)) return document;
  const { metrictrigger, scaleaction } = lowerCased(document);
  if (!isObject(metrictrigger)) return document;
  const trigger = Object.entries(lowerCased(metrictrigger)).flatMap(([name, value]) => {
    // What is not said is null.
    return value === null ? [] : [[triggerNames[name] ?? name, value] as const];
  });
  return { metricTrigger: Object.fromEntries(trigger), scaleAction: scaleaction };
}

function lowerCased(object: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]),
  );
}
