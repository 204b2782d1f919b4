import type { Json, JsonObject } from '../../json.ts';
import { isObject } from '../../json.ts';
import { badRequest } from '../errors.ts';
import type { KeyPaths } from '../partition-key.ts';
import type { Component } from './index-key.ts';

/** Composite indexes of an indexing policy, over the whole container and within a partition. */
export function declaredIndexes(
  definition: JsonObject,
  keyPaths: KeyPaths,
): readonly (readonly Component[])[] {
  const policy = definition['indexingPolicy'];
  const composites = isObject(policy) ? policy['compositeIndexes'] : undefined;
  if (composites === undefined || composites === null) return [];
  const scoped = keyPaths.map((path) => ({ path, descending: false }));
  return listOf(composites).flatMap((each) => {
    const components = listOf(each).map(componentOf);
    return [components, [...scoped, ...components]];
  });
}

function componentOf(stored: Json): Component {
  const { path, order } = isObject(stored) ? stored : {};
  if (typeof path !== 'string' || !/^(\/[^/]+)+$/.test(path)) {
    throw badRequest(`compositeIndexes: ${JSON.stringify(path)} is no path such as "/at".`);
  }
  const names = path.slice(1).split('/');
  return { path: names.map(unquoted), descending: order === 'descending' };
}

/** `/"a b"` is the property `a b`. */
const unquoted = (name: string): string => /^"(.*)"$/.exec(name)?.[1] ?? name;

function listOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw badRequest('indexingPolicy.compositeIndexes is a list of lists of {path, order}.');
}
