import { editDistance } from '@headroom/core';
import type { Problem } from '@headroom/core';
import { fieldOf, isObject } from '../json.ts';

/**
 * The members of an object by name, each with those of the object, or of the objects in the list, that it holds.
 */
export interface Members {
  readonly [name: string]: Members;
}

const leaf: Members = {};
export const named = (...names: readonly string[]): Members =>
  Object.fromEntries(names.map((name) => [name, leaf]));

const dimension = named('DimensionName', 'Operator', 'Values');
const trigger: Members = {
  ...named('metricName', 'metricNamespace', 'metricResourceUri', 'metricResourceLocation'),
  ...named('timeGrain', 'statistic', 'timeWindow', 'timeAggregation', 'operator', 'threshold'),
  ...named('dividePerInstance'),
  dimensions: dimension,
};
const profile: Members = {
  name: leaf,
  capacity: named('minimum', 'maximum', 'default'),
  rules: { metricTrigger: trigger, scaleAction: named('direction', 'type', 'value', 'cooldown') },
  fixedDate: named('timeZone', 'start', 'end'),
  recurrence: { frequency: leaf, schedule: named('timeZone', 'days', 'hours', 'minutes') },
};
const notification: Members = {
  operation: leaf,
  email: named(
    'sendToSubscriptionAdministrator',
    'sendToSubscriptionCoAdministrators',
    'customEmails',
  ),
  webhooks: named('serviceUri', 'properties'),
};
export const settingMembers: Members = {
  ...named('id', 'name', 'type', 'location', 'tags', 'systemData'),
  properties: {
    ...named('name', 'enabled', 'targetResourceUri', 'targetResourceLocation'),
    notifications: notification,
    predictiveAutoscalePolicy: named('scaleMode', 'scaleLookAheadTime'),
    profiles: profile,
  },
};

/**
 * The document with its members spelt as in Azure's schema. `dimensions`: only where Azure's own documents differ,
 * which write `DimensionName` and for the list both `dimensions` and `Dimensions`; `all`: everywhere.
 */
export function respelt(
  document: unknown,
  what: 'dimensions' | 'all',
  members: Members = settingMembers,
): unknown {
  return respeltIn(document, members, what === 'all');
}

function respeltIn(value: unknown, members: Members, all: boolean): unknown {
  if (members === leaf) return value;
  if (Array.isArray(value)) return value.map((entry) => respeltIn(entry, members, all));
  if (!isObject(value)) return value;
  const spelt: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    // It would become the prototype; no member of Azure's is called so.
    if (key === '__proto__') continue;
    const name = speltName(key, members, all);
    spelt[name] = respeltIn(value[key], memberOf(members, name), all);
  }
  return spelt;
}

/** Most are right: a store decodes thousands of settings when a process starts. */
function speltName(key: string, members: Members, all: boolean): string {
  if (Object.hasOwn(members, key)) return key;
  const wanted = key.toLowerCase();
  if (!all && members !== dimension && wanted !== 'dimensions') return key;
  return Object.keys(members).find((name) => name.toLowerCase() === wanted) ?? key;
}

function memberOf(members: Members, name: string): Members {
  return (Object.hasOwn(members, name) ? members[name] : undefined) ?? leaf;
}

/**
 * Members that nobody knows and that look like one which is not there: passed over, they would silently change
 * what the setting means. Other unknown members are Azure's to know.
 */
export function misspelt(
  document: unknown,
  members: Members = settingMembers,
): readonly Misspelling[] {
  return misspeltIn(document, members, []);
}

export interface Misspelling extends Problem {
  /** The field that was meant. */
  readonly meant: string;
}

function misspeltIn(
  value: unknown,
  members: Members,
  path: readonly PropertyKey[],
): readonly Misspelling[] {
  if (members === leaf) return [];
  if (Array.isArray(value)) {
    return value.flatMap((entry, index) => misspeltIn(entry, members, [...path, index]));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = [...path, key];
    if (Object.hasOwn(members, key)) return misspeltIn(member, memberOf(members, key), at);
    const meant = meantBy(key, members, value);
    if (meant === undefined) return [];
    const message = `Azure knows no such member: write ${meant}`;
    return [{ field: fieldOf(at), message, meant: fieldOf([...path, meant]) }];
  });
}

/** One letter in four may be wrong, and two at most. */
function meantBy(key: string, members: Members, value: object): string | undefined {
  return Object.keys(members).find((name) => {
    const changesMax = Math.min(2, Math.floor(name.length / 4));
    return !Object.hasOwn(value, name) && editDistance(key, name) <= changesMax;
  });
}
