import type { Json, JsonObject } from '../json.ts';
import { isObject, parseJson } from '../json.ts';
import { ArmError, badRequest } from './errors.ts';

/** A request whose token was checked. */
export interface ArmRequest {
  readonly method: string;
  /** Decoded, in the client's case. */
  readonly segments: readonly string[];
  readonly apiVersion: string;
  readonly body: string;
  /** `https://host:port` as the client wrote it. */
  readonly baseUrl: string;
}

/** The part of a path behind `providers/<namespace>`, and what stands before it. */
export interface ProviderPath {
  readonly subscription: string;
  readonly resourceGroup: string | undefined;
  /** Lower case. */
  readonly namespace: string;
  readonly rest: readonly string[];
}

/** Reads `/subscriptions/s[/resourceGroups/g]/providers/namespace/…`, whatever its case. */
export function parsePath(segments: readonly string[]): ProviderPath | undefined {
  const [subscriptions, subscription, third, fourth] = segments;
  if (subscriptions?.toLowerCase() !== 'subscriptions' || subscription === undefined)
    return undefined;
  const inGroup = third?.toLowerCase() === 'resourcegroups';
  const [providers, namespace, ...rest] = segments.slice(inGroup ? 4 : 2);
  if (providers?.toLowerCase() !== 'providers' || namespace === undefined) return undefined;
  const resourceGroup = inGroup ? fourth : undefined;
  return { subscription, resourceGroup, namespace: namespace.toLowerCase(), rest };
}

export function bodyObject(request: ArmRequest): JsonObject {
  const value = parseJson(request.body);
  if (isObject(value)) return value;
  throw new ArmError(400, 'InvalidRequestContent', 'The request body is no JSON object.');
}

export function memberObject(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw badRequest(`${name} is no object.`);
}

/** Members of a resource that the client may not set. */
const READ_ONLY = new Set(['id', 'name', 'type', 'systemData']);

export function writableOf(body: JsonObject): Record<string, Json | undefined> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !READ_ONLY.has(name)));
}

export function checkApiVersion(request: ArmRequest, known: readonly string[]): void {
  if (known.includes(request.apiVersion)) return;
  const message = `The api-version '${request.apiVersion}' is not one of ${known.join(', ')}.`;
  const code =
    request.apiVersion === '' ? 'MissingApiVersionParameter' : 'InvalidApiVersionParameter';
  throw new ArmError(400, code, message);
}
