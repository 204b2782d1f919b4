import { byteAt, numberEnd, skipSpace, stringEnd, surprise } from './json-bytes.ts';
import { dimensionsMax } from './limits.ts';
import { firstNumber, member, memberAt, memberCount } from './member-name.ts';

/** Texts beside the dimensions that a record may have. */
const othersMax = dimensionsMax + 3;
/** Members of a record whose gaps are remembered. */
const placesMax = 16;

/**
 * Where the members of one record lie in the bytes. One is used for all records: nothing is made
 * for an unwanted one.
 */
export class RecordLayout {
  begin = 0;
  end = 0;
  /** A bit for each known member that the record has. */
  seen = 0;
  readonly begins = new Int32Array(memberCount);
  readonly ends = new Int32Array(memberCount);
  /** Texts of other names: name begin, name end, value begin, value end. */
  readonly others = new Int32Array(4 * othersMax);
  otherCount = 0;
  /** Has members that are neither known nor texts. */
  hasForeign = false;
  /**
   * By place among the members: what stood before the value in an earlier record, `,"total":` and
   * the like.
   */
  readonly gaps = new GapMemory();

  reset(begin: number): void {
    this.begin = begin;
    this.seen = 0;
    this.otherCount = 0;
    this.hasForeign = false;
  }

  has(id: number): boolean {
    return (this.seen & (1 << id)) !== 0;
  }
}

/**
 * The records of a message mostly differ in their values only. Where the bytes between two values
 * are those of an earlier record, which were read then, they say the same: a few words to compare
 * instead of a name to read.
 */
class GapMemory {
  readonly ids = new Int8Array(placesMax).fill(member.other);
  readonly #begins = new Int32Array(placesMax);
  readonly #lengths = new Int32Array(placesMax);

  /** The length of the gap at `at` if it is the remembered one, else 0. */
  lengthAt(view: DataView, at: number, place: number): number {
    const length = this.#lengths[place] ?? 0;
    if (length === 0 || at + length > view.byteLength) return 0;
    const before = this.#begins[place] ?? 0;
    const lastWord = length - 4;
    for (let i = 0; i < lastWord; i += 4) {
      if (view.getInt32(at + i, true) !== view.getInt32(before + i, true)) return 0;
    }
    const isSame = view.getInt32(at + lastWord, true) === view.getInt32(before + lastWord, true);
    return isSame ? length : 0;
  }

  /** A gap has at least four bytes: `{"":`. */
  keep(place: number, id: number, begin: number, end: number): void {
    if (place >= placesMax) return;
    this.ids[place] = id;
    this.#begins[place] = begin;
    this.#lengths[place] = id === member.other ? 0 : end - begin;
  }
}

/**
 * Walks the object whose brace is at `from` and notes its members. Answers the position after it,
 * or `surprise` where the record holds what only JSON.parse should read: nested values, literals,
 * exponents, a member twice.
 */
export function scanRecord(view: DataView, from: number, layout: RecordLayout): number {
  layout.reset(from);
  const first = skipSpace(view, from + 1);
  if (byteAt(view, first) === 125) return closed(layout, first);
  let at = from;
  for (let place = 0; ; place++) {
    const gap = layout.gaps.lengthAt(view, at, place);
    at =
      gap > 0
        ? scanKnown(view, at + gap, layout, layout.gaps.ids[place] ?? member.other)
        : scanMember(view, at, layout, place);
    if (at === surprise) return surprise;
    if (byteAt(view, at) === 44) continue;
    const end = skipSpace(view, at);
    if (byteAt(view, end) === 125) return closed(layout, end);
  }
}

function closed(layout: RecordLayout, brace: number): number {
  layout.end = brace + 1;
  return brace + 1;
}

/** The value of a known member; `at` is its first byte. */
function scanKnown(view: DataView, at: number, layout: RecordLayout, id: number): number {
  const isText = id < firstNumber;
  if (isText && byteAt(view, at) !== 34) return surprise;
  const begin = isText ? at + 1 : at;
  const end = isText ? stringEnd(view, begin) : numberEnd(view, begin);
  if (end === surprise || layout.has(id)) return surprise;
  layout.seen |= 1 << id;
  layout.begins[id] = begin;
  layout.ends[id] = end;
  return isText ? end + 1 : end;
}

/** A member from what stands before it: the brace for the first, the comma for the others. */
function scanMember(view: DataView, from: number, layout: RecordLayout, place: number): number {
  const mark = place === 0 ? from : skipSpace(view, from);
  if (byteAt(view, mark) !== (place === 0 ? 123 : 44)) return surprise;
  const quote = skipSpace(view, mark + 1);
  if (byteAt(view, quote) !== 34) return surprise;
  const nameEnd = stringEnd(view, quote + 1);
  if (nameEnd === surprise) return surprise;
  const colon = skipSpace(view, nameEnd + 1);
  if (byteAt(view, colon) !== 58) return surprise;
  const value = skipSpace(view, colon + 1);
  const id = memberAt(view, quote + 1, nameEnd);
  layout.gaps.keep(place, id, from, value);
  if (id !== member.other) return scanKnown(view, value, layout, id);
  return scanOther(view, value, layout, quote + 1, nameEnd);
}

function scanOther(
  view: DataView,
  value: number,
  layout: RecordLayout,
  nameBegin: number,
  nameEnd: number,
): number {
  if (byteAt(view, value) !== 34) {
    layout.hasForeign = true;
    return numberEnd(view, value);
  }
  const end = stringEnd(view, value + 1);
  if (end === surprise || layout.otherCount === othersMax) return surprise;
  const cell = 4 * layout.otherCount++;
  layout.others[cell] = nameBegin;
  layout.others[cell + 1] = nameEnd;
  layout.others[cell + 2] = value + 1;
  layout.others[cell + 3] = end;
  return end + 1;
}
