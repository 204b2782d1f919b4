import { instant } from '@headroom/core';
import type { Instant } from '@headroom/core';

/** An entry of the activity log about an autoscale setting, read as far as it goes. */
export interface ActivityEntry {
  readonly at: Instant;
  /** Lower-case id. */
  readonly setting: string;
  /** `scaleup` of `Microsoft.Insights/AutoscaleSettings/Scaleup/Action`, in lower case. */
  readonly operation: string;
  /** Lower case. */
  readonly eventName: string;
  /** Lower case. */
  readonly status: string;
  /** Of the run of the engine that wrote it; the entry's own id where there is none. */
  readonly correlationId: string;
  readonly description: string;
  /** By lower-case name; those of a JSON text among them too. */
  readonly properties: ReadonlyMap<string, unknown>;
}

const settingId = /^\/subscriptions\/.+\/microsoft\.insights\/autoscalesettings\/[^/]+/i;
const action = /^microsoft\.insights\/autoscalesettings\/([^/]+)\/action$/i;

/**
 * `undefined`: about something else. Values stand bare or as `{value, localizedValue}`; the properties are an object, or its JSON
 * as a text, or an object with such a text (Microsoft: "Diagnostic settings in autoscale", "Azure activity log event schema").
 */
export function activityEntry(raw: unknown): ActivityEntry | undefined {
  if (!isObject(raw)) return undefined;
  const operationName = textOf(raw['operationName']);
  const operation = action.exec(operationName)?.[1]?.toLowerCase() ?? '';
  const isAutoscale = textOf(raw['category']).toLowerCase() === 'autoscale' || operation !== '';
  const setting = [raw['resourceId'], raw['id']].map(textOf).find((id) => settingId.test(id));
  const at = Date.parse(textOf(raw['eventTimestamp']));
  if (!isAutoscale || setting === undefined || Number.isNaN(at)) return undefined;
  const properties = propertiesOf(raw['properties']);
  return {
    at: instant(at),
    setting: (settingId.exec(setting)?.[0] ?? '').toLowerCase(),
    operation,
    eventName: textOf(raw['eventName']).toLowerCase(),
    status: textOf(raw['status']).toLowerCase(),
    correlationId: textOf(raw['correlationId']) || textOf(raw['eventDataId']),
    description: textOf(properties.get('description')) || textOf(raw['description']),
    properties,
  };
}

/** A text, or the value of `{value, localizedValue}`. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return isObject(value) && typeof value['value'] === 'string' ? value['value'] : '';
}

/** The object that a member is, or that its JSON text says. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  if (typeof value !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : {};
  } catch {
    // Text for people.
    return {};
  }
}

function propertiesOf(value: unknown): ReadonlyMap<string, unknown> {
  const outer = lowerCased(objectOf(value));
  const inner = ['eventproperties', 'properties'].map((name) => objectOf(outer.get(name)));
  return new Map([...outer, ...inner.flatMap((each) => [...lowerCased(each)])]);
}

function lowerCased(members: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(Object.entries(members).map(([name, value]) => [name.toLowerCase(), value]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
