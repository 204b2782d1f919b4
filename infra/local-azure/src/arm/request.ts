import type { Json, JsonObject } from '../json.ts';
import { isObject, parseJson } from '../json.ts';
import { ArmError, badRequest } from './errors.ts';

/** A request whose token was checked. */
export interface ArmRequest {
  readonly method: string;
  /** Decoded, in the client's case. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly apiVersion: string;
  readonly body: string;
  /** `https://host:port` as the client wrote it. */
  readonly baseUrl: string;
  /** Who the activity log names. */
  readonly caller: string;
  /** The client's, or a new one: it joins the entries of the activity log. */
  readonly correlationId: string;
}

/** Deeper bodies are refused: writing them out again would overflow the stack. */
const MAX_DEPTH = 64;

/**
 * Splits `/a/b?c=d`. Not by `URL`, which takes the `//subscriptions` that SDKs send for a host.
 */
export function parseTarget(target: string): Pick<ArmRequest, 'segments' | 'query'> {
  const [path = '', ...rest] = target.split('?');
  return { segments: segmentsOf(path), query: new URLSearchParams(rest.join('?')) };
}

function segmentsOf(path: string): string[] {
  const parts = path.split('/').filter((segment) => segment !== '');
  try {
    const decoded = parts.map(decodeURIComponent);
    // A slash or a control character in a name would make another id of it.
    if (decoded.every((part) => !/[/\\\u0000-\u001f\u007f]/.test(part))) return decoded;
  } catch {
    throw badRequest('The path is not URL-encoded.');
  }
  throw badRequest('A name in the path holds a slash or a control character.');
}

export function bodyObject({ body }: Pick<ArmRequest, 'body'>): JsonObject {
  const value = parseJson(body);
  if (!isObject(value)) throw invalidContent('The request body is no JSON object.');
  if (isDeeper(value, MAX_DEPTH)) {
    throw invalidContent(`The request body is nested deeper than ${MAX_DEPTH} levels.`);
  }
  return value;
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((part) => isDeeper(part ?? null, levels - 1));
}

const invalidContent = (message: string): ArmError =>
  new ArmError(400, 'InvalidRequestContent', message);

export function memberObject(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw badRequest(`${name} is no object.`);
}

export function memberText(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw badRequest(`${name} is no text.`);
}

/** Tags as a member to spread; absent ones change nothing. */
export function tagsOf(body: JsonObject): { tags?: JsonObject } {
  return body['tags'] === undefined ? {} : { tags: memberObject(body, 'tags') };
}

/** Members of a resource that the client may not set. */
const READ_ONLY = new Set(['id', 'name', 'type', 'systemData', 'etag']);

export function writableOf(body: JsonObject): Record<string, Json | undefined> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !READ_ONLY.has(name)));
}

/** Of a resource, as a key; empty where it has none. */
export function locationOf(body: JsonObject | undefined): string {
  const location = body?.['location'];
  return typeof location === 'string' ? locationKey(location) : '';
}

/** `West Europe` and `westeurope` are one. */
export const locationKey = (location: string): string => location.toLowerCase().replaceAll(' ', '');
