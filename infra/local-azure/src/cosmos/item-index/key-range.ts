import type { Json } from '../../json.ts';
import { encodeStart, encodeValue, endOf, invert } from './sort-key.ts';

/** The bytes of values from `from` up to, not including, `below`; undefined: without an end. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly below: Uint8Array | undefined;
  /** One value alone, or what the bytes do not tell apart. */
  readonly isPoint: boolean;
}

/** Ascending, without overlap; an empty list holds nothing. */
export type KeyRanges = readonly KeyRange[];

export const everything: KeyRanges = [{ from: new Uint8Array(), below: undefined, isPoint: false }];

export function pointOf(value: Json | undefined): KeyRange {
  const from = encodeValue(value);
  return { from, below: endOf(from), isPoint: true };
}

/** Values of the same type on one side of this one. */
export function sideOf(operator: '<' | '<=' | '>' | '>=', value: Json): KeyRange {
  const { from, below } = pointOf(value);
  const [first, behind] = typeOf(value, from);
  switch (operator) {
    case '<':
      return { from: first, below: from, isPoint: false };
    case '<=':
      return { from: first, below, isPoint: false };
    case '>':
      return { from: below ?? from, below: behind, isPoint: false };
    case '>=':
      return { from, below: behind, isPoint: false };
  }
}

/** The bounds of all values that compare with this one. */
function typeOf(value: Json, bytes: Uint8Array): [Uint8Array, Uint8Array | undefined] {
  if (typeof value === 'boolean') return [encodeValue(false), endOf(encodeValue(true))];
  const type = bytes.subarray(0, 1);
  return [type, endOf(type)];
}

export function startingWith(text: string): KeyRange {
  const from = encodeStart(text);
  return { from, below: endOf(from), isPoint: false };
}

export function definedOnly(): KeyRange {
  return { from: encodeValue(null), below: undefined, isPoint: false };
}

export function intersect(left: KeyRanges, right: KeyRanges): KeyRanges {
  return left.flatMap((one) => right.flatMap((other) => overlap(one, other)));
}

export function union(all: KeyRanges): KeyRanges {
  const merged: KeyRange[] = [];
  for (const range of [...all].sort((a, b) => Buffer.compare(a.from, b.from))) {
    const last = merged.at(-1);
    if (last === undefined || !isBelow(range.from, last.below)) merged.push(range);
    else merged[merged.length - 1] = { ...widest(last, range), from: last.from };
  }
  return merged;
}

/** The same values in descending order. */
export function inverted(ranges: KeyRanges): KeyRanges {
  return [...ranges].reverse().map(({ from, below, isPoint }) => ({
    from: isPoint ? invert(from) : startOf(below),
    below: from.length === 0 ? undefined : endOf(invert(from)),
    isPoint,
  }));
}

const startOf = (below: Uint8Array | undefined): Uint8Array =>
  (below === undefined ? undefined : endOf(invert(below))) ?? new Uint8Array();

function overlap(left: KeyRange, right: KeyRange): KeyRange[] {
  const from = Buffer.compare(left.from, right.from) >= 0 ? left.from : right.from;
  const below = isWithin(left.below, right.below) ? left.below : right.below;
  if (!isBelow(from, below)) return [];
  const point = [left, right].find(
    (each) => each.isPoint && each.from === from && each.below === below,
  );
  return [{ from, below, isPoint: point !== undefined }];
}

function widest(left: KeyRange, right: KeyRange): KeyRange {
  const isSame = left.isPoint && right.isPoint && Buffer.compare(left.from, right.from) === 0;
  const below = isWithin(left.below, right.below) ? right.below : left.below;
  return { from: left.from, below, isPoint: isSame };
}

const isBelow = (bytes: Uint8Array, end: Uint8Array | undefined): boolean =>
  end === undefined || Buffer.compare(bytes, end) < 0;

/** Ends at the other's end or before. */
const isWithin = (end: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  other === undefined || (end !== undefined && Buffer.compare(end, other) <= 0);
