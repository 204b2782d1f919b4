import type { JsonObject } from '../../json.ts';
import { isObject } from '../../json.ts';
import { badRequest } from '../errors.ts';
import { bodyObject, memberObject, memberText } from '../request.ts';
import type { ArmAnswer, Call, Route } from '../router.ts';
import { typeOf } from './definitions.ts';
import type { MetricSample, MetricStore } from './metric-store.ts';
import { parseInstant } from './time.ts';

const MAX_DIMENSIONS = 10;
const MAX_SERIES = 1000;
const MAX_TEXT = 256;
/** A sample is refused when it is older, or further ahead: Azure's bounds. */
const OLDEST_MS = 20 * 60 * 1000;
const AHEAD_MS = 5 * 60 * 1000;

/**
 * `POST {resource}/metrics`, Azure Monitor's door for custom metrics. Here it takes the platform's
 * namespaces too, since nothing else makes the platform's samples.
 */
export function ingestionRoute(metrics: MetricStore, clock: () => number): Route {
  const post = (call: Call): ArmAnswer => {
    if (typeOf(call.scope) === '') throw badRequest(`${call.scope} is no id of a resource.`);
    metrics.put(samplesOf(call.scope, bodyObject(call.request), clock()));
    return { status: 200 };
  };
  return { path: '**/metrics', apiVersions: [], methods: { POST: post } };
}

function samplesOf(resourceId: string, body: JsonObject, now: number): readonly MetricSample[] {
  const timeMs = parseInstant(memberText(body, 'time'));
  if (timeMs === undefined) throw badRequest('time is an instant in ISO 8601.');
  if (timeMs < now - OLDEST_MS || timeMs > now + AHEAD_MS) {
    throw badRequest('time is more than 20 minutes ago or more than 5 minutes ahead.');
  }
  const base = memberObject(memberObject(body, 'data'), 'baseData');
  const metric = shortText(base, 'metric');
  const namespace = shortText(base, 'namespace');
  const names = textsOf(base['dimNames'] ?? [], 'data.baseData.dimNames');
  const series = base['series'];
  if (!Array.isArray(series) || series.length === 0 || series.length > MAX_SERIES) {
    throw badRequest(`data.baseData.series is a list of 1 to ${MAX_SERIES} series.`);
  }
  return series.map((each: unknown, index) => {
    const at = `data.baseData.series[${index}]`;
    if (!isObject(each)) throw badRequest(`${at} is no object.`);
    const values = textsOf(each['dimValues'] ?? [], `${at}.dimValues`);
    if (values.length !== names.length) throw badRequest(`${at}.dimValues fits no dimNames.`);
    const dimensions = Object.fromEntries(names.map((name, n) => [name, values[n] ?? '']));
    return { resourceId, namespace, metric, dimensions, timeMs, ...numbersOf(each, at) };
  });
}

function numbersOf(each: JsonObject, at: string) {
  const number = (name: string): number => {
    const value = each[name];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw badRequest(`${at}.${name} is a number.`);
  };
  const count = number('count');
  if (count <= 0) throw badRequest(`${at}.count is above 0.`);
  return { count, total: number('sum'), minimum: number('min'), maximum: number('max') };
}

function shortText(base: JsonObject, name: string): string {
  const text = memberText(base, name) ?? '';
  if (text !== '' && text.length <= MAX_TEXT) return text;
  throw badRequest(`data.baseData.${name} is a text of 1 to ${MAX_TEXT} characters.`);
}

function textsOf(value: unknown, at: string): readonly string[] {
  const isList = Array.isArray(value) && value.length <= MAX_DIMENSIONS;
  const fits = (each: unknown): boolean => typeof each === 'string' && each.length <= MAX_TEXT;
  if (isList && value.every(fits)) return value as string[];
  throw badRequest(`${at} is a list of at most ${MAX_DIMENSIONS} texts of ${MAX_TEXT} characters.`);
}
