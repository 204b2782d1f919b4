/** The members of a record that the scanner knows. The texts come first, then the numbers. */
export const member = {
  resourceId: 0,
  metricName: 1,
  time: 2,
  timeGrain: 3,
  count: 4,
  total: 5,
  minimum: 6,
  maximum: 7,
  average: 8,
  other: 9,
} as const;
export const firstNumber: number = member.count;
export const memberCount: number = member.other;

/**
 * A name of 4 to 12 letters as three words that overlap; with the length they say which name it is.
 */
class KnownName {
  readonly id: number;
  readonly length: number;
  readonly #first: number;
  readonly #middle: number;
  readonly #last: number;
  readonly #middleAt: number;

  constructor(name: string, id: number) {
    const view = new DataView(new TextEncoder().encode(name).buffer);
    this.id = id;
    this.length = name.length;
    this.#middleAt = Math.min(4, name.length - 4);
    this.#first = view.getInt32(0, true);
    this.#middle = view.getInt32(this.#middleAt, true);
    this.#last = view.getInt32(name.length - 4, true);
  }

  isAt(view: DataView, begin: number): boolean {
    return (
      begin + this.length < view.byteLength &&
      view.getInt32(begin, true) === this.#first &&
      view.getInt32(begin + this.length - 4, true) === this.#last &&
      view.getInt32(begin + this.#middleAt, true) === this.#middle
    );
  }
}

/** By id. */
const knownNames: readonly KnownName[] = Object.entries(member)
  .filter(([name]) => name !== 'other')
  .map(([name, id]) => new KnownName(name, id));

/** Which member the bytes [begin, end) name: `other` for any that is not known. */
export function memberAt(view: DataView, begin: number, end: number): number {
  for (const name of knownNames) {
    if (name.length === end - begin && name.isAt(view, begin)) return name.id;
  }
  return member.other;
}
