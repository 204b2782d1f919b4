/** Longer texts are compared by their beginnings: what is longer is no misspelling of a name. */
const lengthMax = 64;

/** How many letters one has to put in, take out or replace to make `b` of `a`, whatever their case (Levenshtein). */
export function editDistance(a: string, b: string): number {
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
