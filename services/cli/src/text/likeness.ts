/**
 * `things` by how much their names are like `text`, the likest first: the share of neighbouring pairs of letters that both
 * have. Names that are alike in no pair stay in their order. Linear in the length of a name: there may be 100,000.
 */
export function byLikeness<T>(
  text: string,
  things: readonly T[],
  nameOf: (thing: T) => string,
): readonly T[] {
  const wanted = pairsOf(text);
  return things
    .map((thing) => ({ thing, likeness: likeness(wanted, pairsOf(nameOf(thing))) }))
    .sort((a, b) => b.likeness - a.likeness)
    .map(({ thing }) => thing);
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((pair) => b.has(pair)).length;
  return (2 * shared) / (a.size + b.size);
}

/** With the begin and the end, so that one letter has pairs too. */
function pairsOf(name: string): ReadonlySet<string> {
  const framed = `/${name.replace(/^\/+|\/+$/g, '')}/`;
  return new Set(Array.from({ length: framed.length - 1 }, (_, at) => framed.slice(at, at + 2)));
}
