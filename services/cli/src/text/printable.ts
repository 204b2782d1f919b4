/** What a terminal would obey instead of showing it, line breaks and changes of direction among it. */
const obeyed = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Somebody else's words for a terminal: whoever writes a reason or names a metric moves no cursor and rings no bell. What
 * is taken out is shown as `\u001b`, which JSON reads as the same character.
 */
export function printable(text: string): string {
  return text.replace(obeyed, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same value with every string in it made printable. */
export function printableIn<T>(value: T): T {
  // The shape stays, which the type of a walk over any value cannot say.
  return walk(value) as T;
}

function walk(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member)]));
}
