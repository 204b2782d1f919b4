/** ` (did you mean "reason"?)` where one of the names is near enough to be what was meant, otherwise nothing. */
export function didYouMean(word: string, names: readonly string[]): string {
  const ranked = names
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined || best.distance > Math.max(1, Math.ceil(word.length / 3))) return '';
  return ` (did you mean "${best.name}"?)`;
}

/** Words are compared by so many characters at most. */
const wordLengthMax = 60;

/** Letters to insert, delete or replace (Levenshtein), row by row. */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, wordLengthMax), b.slice(0, wordLengthMax)];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
