import type { Dimensions } from '@headroom/core';
import { dimensionNameLengthMax, dimensionValueLengthMax, dimensionsMax } from './limits.ts';

/**
 * Members that Azure or Stream Analytics adds beside a metric's dimensions; they name no series.
 */
export const notDimensions: ReadonlySet<string> = new Set([
  'unit',
  'EventProcessedUtcTime',
  'EventEnqueuedUtcTime',
]);

/** Whether the plain bytes [begin, end) name a dimension. */
export function isDimensionAt(bytes: Uint8Array, begin: number, end: number): boolean {
  for (const name of notDimensions) {
    if (name.length === end - begin && isTextAt(bytes, begin, name)) return false;
  }
  return true;
}

function isTextAt(bytes: Uint8Array, begin: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[begin + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** C0 control characters: `\n` separates the parts of a series' text. */
const controls = /[\p{Cc}]/u;

/** In the order of their names without case, or what is wrong with them. */
export function dimensionsOf(pairs: (readonly [string, string])[]): Dimensions | string {
  if (pairs.length === 0) return pairs;
  if (pairs.length > dimensionsMax) {
    return `dimensions: ${pairs.length} found, at most ${dimensionsMax} are accepted`;
  }
  for (const [name, value] of pairs) {
    const problem = problemOf(name, value);
    if (problem !== undefined) return problem;
  }
  if (pairs.length === 1) return pairs;
  return inOrder(pairs);
}

function inOrder(pairs: readonly (readonly [string, string])[]): Dimensions | string {
  const named = pairs.map((pair) => ({ key: pair[0].toLowerCase(), pair }));
  named.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const twin = named.find(({ key }, index) => named[index + 1]?.key === key);
  if (twin !== undefined) return `${twin.pair[0]}: this dimension is given twice`;
  return named.map(({ pair }) => pair);
}

function problemOf(name: string, value: string): string | undefined {
  if (name === '' || name.length > dimensionNameLengthMax) {
    const allowed = `expected 1 to ${dimensionNameLengthMax}`;
    return `dimensions: a name of ${name.length} characters, ${allowed}`;
  }
  // A name with `=` would make two series of one text.
  if (name.includes('=') || controls.test(name)) {
    return `dimensions: ${JSON.stringify(name)} has "=" or a control character in it`;
  }
  if (value.length > dimensionValueLengthMax) {
    return `${name}: ${value.length} characters, expected at most ${dimensionValueLengthMax}`;
  }
  if (controls.test(value)) return `${name}: control characters are not accepted`;
  return undefined;
}
