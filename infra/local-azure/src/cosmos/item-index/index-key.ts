import type { Json, JsonObject } from '../../json.ts';
import { isObject } from '../../json.ts';
import { encodeValue, invert } from './sort-key.ts';

/** One part of an index's order, or of a query's. */
export interface Component {
  readonly path: readonly (string | number)[];
  readonly descending: boolean;
}

/** From a stored one. */
export const component = (stored: unknown): Component => stored as Component;

/**
 * The values at the components and then the item's number, which makes every key another one. Equal
 * values are in the order of the numbers, or against it when the last component is descending: so an
 * order read backwards is the order with every direction turned round.
 */
export function encodeNumbered(
  components: readonly Component[],
  document: JsonObject,
  n: number,
): Buffer {
  const parts = components.map(({ path, descending }) =>
    directed(encodeValue(valueAt(document, path)), descending),
  );
  return Buffer.concat([...parts, directed(encodeCount(n), isDescending(components))]);
}

export const directed = (bytes: Buffer, descending: boolean): Buffer =>
  descending ? invert(bytes) : bytes;

export const isDescending = (components: readonly Component[]): boolean =>
  components.at(-1)?.descending ?? false;

export function valueAt(
  document: JsonObject,
  path: readonly (string | number)[],
): Json | undefined {
  let value: Json | undefined = document;
  for (const step of path) {
    if (typeof step === 'number') value = Array.isArray(value) ? at(value, step) : undefined;
    else value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

const at = (list: readonly Json[], index: number): Json | undefined => list[index];

function encodeCount(n: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(n, 0, 6);
  return bytes;
}
