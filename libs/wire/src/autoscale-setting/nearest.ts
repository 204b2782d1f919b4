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
    .map((name) => ({ name, changes: changesBetween(text, name) / nearnessOf(name, words) }))
    .sort((a, b) => a.changes - b.changes)
    .slice(0, most)
    .map(({ name }) => name);
}

function nearnessOf(name: string, words: readonly string[]): number {
  const lower = name.toLowerCase();
  return words.every((word) => lower.includes(word)) ? nearerByWords : 1;
}

/** How many letters one has to put in, take out or replace to make `b` of `a`, whatever their case. */
export function changesBetween(a: string, b: string): number {
  const left = a.toLowerCase().slice(0, lengthMax);
  const right = b.toLowerCase().slice(0, lengthMax);
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
