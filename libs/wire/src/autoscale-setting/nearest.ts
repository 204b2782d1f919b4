import { editDistance } from '@headroom/core';

/** Longest text that is compared; what is longer is no misspelling of anything. */
const lengthMax = 64;

/** A name that holds every word of the text is so much nearer: `Pacific Time`, `Pacific Standard Time`. */
const nearerByWords = 8;

/** The `most` names that take the fewest changes to be made of `text`, nearest first. */
export function nearestOf(text: string, names: readonly string[], most: number): readonly string[] {
  const words = text
    .toLowerCase()
    .slice(0, lengthMax)
    .split(/[^a-z0-9]+/);
  return names
    .map((name) => ({ name, changes: editDistance(text, name) / nearnessOf(name, words) }))
    .sort((a, b) => a.changes - b.changes)
    .slice(0, most)
    .map(({ name }) => name);
}

function nearnessOf(name: string, words: readonly string[]): number {
  const lower = name.toLowerCase();
  return words.every((word) => lower.includes(word)) ? nearerByWords : 1;
}
