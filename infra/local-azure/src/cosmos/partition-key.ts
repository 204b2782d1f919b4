import type { Json, JsonObject } from '../json.ts';
import { isObject, parseJson } from '../json.ts';
import { badRequest } from './errors.ts';

/** One key definition: up to three paths, such as `['/target', '/month']`. */
export type KeyPaths = readonly (readonly string[])[];

const MAX_LEVELS = 3;

/** Rows of one partition, of all below a key prefix, or of the whole container. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'partition'; readonly values: KeyValues; readonly key: string }
  | {
      readonly kind: 'prefix';
      readonly values: KeyValues;
      readonly from: string;
      readonly below: string;
    };

/** Of the key's paths, from the first on. */
export type KeyValues = readonly (Json | undefined)[];

export function parseKeyPaths(definition: Json | undefined): KeyPaths {
  const paths = isObject(definition) ? definition['paths'] : undefined;
  if (!Array.isArray(paths) || paths.length === 0 || paths.length > MAX_LEVELS) {
    throw badRequest(`partitionKey.paths must hold 1 to ${MAX_LEVELS} paths.`);
  }
  return (paths as readonly Json[]).map((path) => {
    if (typeof path !== 'string' || !/^(\/[^/]+)+$/.test(path)) {
      throw badRequest(`partitionKey.paths: ${JSON.stringify(path)} is no path such as "/target".`);
    }
    return path.slice(1).split('/');
  });
}

/** The key of an item as text: the JSON of its values, `{}` standing for an absent one. */
export function keyOf(item: JsonObject, paths: KeyPaths): string {
  return JSON.stringify(paths.map((path) => component(valueAt(item, path))));
}

/** The key in a header; `undefined` without one. */
export function parseKey(header: string | undefined, paths: KeyPaths): readonly Json[] | undefined {
  if (header === undefined) return undefined;
  const values = parseJson(header);
  if (!Array.isArray(values) || values.length > paths.length) {
    throw badRequest(`x-ms-documentdb-partitionkey ${header} does not fit the container's key.`);
  }
  return (values as readonly Json[]).map(component);
}

/** The full key of a point operation. */
export function fullKey(header: string | undefined, paths: KeyPaths): string {
  const values = parseKey(header, paths);
  if (values === undefined || values.length !== paths.length) {
    throw badRequest(
      `This operation needs a partition key with ${paths.length} value(s), got ${header ?? 'none'}.`,
    );
  }
  return JSON.stringify(values);
}

/** What a query or feed with this header looks at. */
export function scopeOf(header: string | undefined, paths: KeyPaths): Scope {
  const values = parseKey(header, paths);
  if (values === undefined || values.length === 0) return { kind: 'all' };
  const text = JSON.stringify(values);
  const known = values.map((each) => (isObject(each) ? undefined : each));
  if (values.length === paths.length) return { kind: 'partition', values: known, key: text };
  // Keys below a prefix begin with its text and a comma; the minus sign follows the comma in ASCII.
  const stem = text.slice(0, -1);
  return { kind: 'prefix', values: known, from: `${stem},`, below: `${stem}-` };
}

export function isWithin(scope: Scope, pk: string): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'partition':
      return pk === scope.key;
    case 'prefix':
      return pk >= scope.from && pk < scope.below;
  }
}

/** A condition on the column `pk`, with its values. */
export function scopeSql(scope: Scope): { sql: string; values: string[] } {
  switch (scope.kind) {
    case 'all':
      return { sql: '1', values: [] };
    case 'partition':
      return { sql: 'pk = ?', values: [scope.key] };
    case 'prefix':
      return { sql: 'pk >= ? AND pk < ?', values: [scope.from, scope.below] };
  }
}

function component(value: Json | undefined): Json {
  if (value === undefined) return {};
  if (isObject(value) && Object.keys(value).length === 0) return {};
  if (typeof value === 'object' && value !== null) {
    throw badRequest(`A partition key value is a scalar, not ${JSON.stringify(value)}.`);
  }
  return value;
}

function valueAt(item: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = item;
  for (const name of path) {
    value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}
