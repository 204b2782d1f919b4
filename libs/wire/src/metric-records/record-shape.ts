import { numberEnd, stringEnd, surprise } from './json-bytes.ts';
import { dimensionsMax } from './limits.ts';
import { firstNumber, member } from './member-name.ts';
import { zeros } from './record-layout.ts';
import type { RecordLayout } from './record-layout.ts';
import { sameBytes } from './same-bytes.ts';

/** Most members of a record whose shape is kept. */
const placesMax = 16 + dimensionsMax;
/** Most bytes of all that stands between the values of such a record. */
const gapBytesMax = 1024;
const closingBrace = 125;

/**
 * What stood between the values of an earlier record: `{"count":`, `,"total":` and the like. The
 * records of a message, and of the next one, mostly differ in their values only. Where the bytes
 * between two values are those of an earlier record, which were read then, they say the same: a
 * word or two to compare instead of a name to read.
 */
export class RecordShape {
  readonly #bytes = new Uint8Array(gapBytesMax);
  readonly #view = new DataView(this.#bytes.buffer);
  /** By place among the members, from 1: where its gap ends; it begins where the last one ended. */
  readonly #gapEnds = zeros(placesMax + 1);
  readonly #ids = zeros(placesMax + 1);
  /** How far before the value its name begins, and ends. */
  readonly #nameBegins = zeros(placesMax + 1);
  readonly #nameEnds = zeros(placesMax + 1);
  /** 0: there is no shape. */
  #places = 0;
  /** A bit for each known member. */
  #seen = 0;
  /**
   * The first of the texts at the end of the record, past the numbers and the resource: they are
   * mostly those of the record before. 0: there are none.
   */
  #tailFrom = 0;
  // Where that record before has its own, in a view whose record `layout` still describes.
  #tailView: DataView | undefined;
  #tailBegin = 0;
  #tailLength = 0;
  // Of the record that is learned from: members so far, and where the last value ended.
  #learned = 0;
  #from = 0;
  #isGood = false;

  /**
   * The position after the record at `from`, or a surprise where it is of another shape. `layout` is
   * then of no use.
   */
  scan(bytes: Uint8Array, view: DataView, from: number, layout: RecordLayout): number {
    const before = this.#tailView;
    this.#tailView = undefined;
    const places = this.#places;
    let at = from;
    let tailAt = from;
    let gapBegin = 0;
    let other = 0;
    let isText = false;
    for (let place = 1; place <= places; place++) {
      if (place === this.#tailFrom) {
        tailAt = at;
        if (before === view && this.#isTailAt(bytes, view, at)) {
          other = this.#moveTail(layout, at - this.#tailBegin, other);
          at += this.#tailLength - 1;
          isText = true;
          break;
        }
      }
      const gapEnd = this.#gapEnds[place] ?? 0;
      const length = gapEnd - gapBegin;
      if (at + length > bytes.length) return surprise;
      if (!sameBytes(view, at, this.#view, gapBegin, length)) return surprise;
      at += length;
      gapBegin = gapEnd;
      const id = this.#ids[place] ?? member.other;
      isText = isTextOf(id);
      const end = isText ? stringEnd(bytes, view, at) : numberEnd(bytes, view, at);
      if (end === surprise) return surprise;
      if (id === member.other) {
        layout.others[other++] = at - (this.#nameBegins[place] ?? 0);
        layout.others[other++] = at - (this.#nameEnds[place] ?? 0);
        layout.others[other++] = at;
        layout.others[other++] = end;
      } else {
        layout.begins[id] = at;
        layout.ends[id] = end;
      }
      at = end;
    }
    if (isText) at++;
    if (places === 0 || bytes[at] !== closingBrace) return surprise;
    this.#tailView = view;
    this.#tailBegin = tailAt;
    this.#tailLength = at - tailAt;
    layout.begin = from;
    layout.end = at + 1;
    layout.seen = this.#seen;
    layout.otherCount = other >> 2;
    layout.hasForeign = false;
    return at + 1;
  }

  #isTailAt(bytes: Uint8Array, view: DataView, at: number): boolean {
    const length = this.#tailLength;
    return at + length <= bytes.length && sameBytes(view, at, view, this.#tailBegin, length);
  }

  /** What `layout` says of the tail of the record before, `by` bytes further on. */
  #moveTail(layout: RecordLayout, by: number, firstOther: number): number {
    const { begins, ends, others } = layout;
    let other = firstOther;
    for (let place = this.#tailFrom; place <= this.#places; place++) {
      const id = this.#ids[place] ?? member.other;
      if (id === member.other) {
        for (const end = other + 4; other < end; other++) others[other] = (others[other] ?? 0) + by;
      } else {
        begins[id] = (begins[id] ?? 0) + by;
        ends[id] = (ends[id] ?? 0) + by;
      }
    }
    return other;
  }

  /** A record is read name by name; `brace` is where it begins. */
  begin(brace: number): void {
    this.#tailView = undefined;
    this.#learned = 0;
    this.#from = brace;
    this.#places = 0;
    this.#isGood = true;
    this.#seen = 0;
  }

  /** The next member of that record. */
  learn(bytes: Uint8Array, found: FoundMember): void {
    const place = this.#learned + 1;
    const gapBegin = this.#gapEnds[this.#learned] ?? 0;
    const gapEnd = gapBegin + (found.begin - this.#from);
    if (place > placesMax || gapEnd > gapBytesMax) this.#isGood = false;
    if (!this.#isGood) return;
    this.#bytes.set(bytes.subarray(this.#from, found.begin), gapBegin);
    this.#gapEnds[place] = gapEnd;
    this.#ids[place] = found.id;
    this.#nameBegins[place] = found.begin - found.name;
    this.#nameEnds[place] = found.begin - found.nameEnd;
    if (found.id !== member.other) this.#seen |= 1 << found.id;
    this.#from = found.end;
    this.#learned = place;
  }

  /** That record has a member that no shape knows. */
  spoil(): void {
    this.#isGood = false;
  }

  /** That record was read; whether its brace follows its last value without a space. */
  end(isClosed: boolean): void {
    this.#places = this.#isGood && isClosed ? this.#learned : 0;
    let last = this.#places;
    while (last > 0 && isTail(this.#ids[last] ?? member.other)) last--;
    this.#tailFrom = last < this.#places ? last + 1 : 0;
  }
}

function isTextOf(id: number): boolean {
  return id < firstNumber || id === member.other;
}

function isTail(id: number): boolean {
  return isTextOf(id) && id !== member.resourceId;
}

interface FoundMember {
  readonly id: number;
  readonly name: number;
  readonly nameEnd: number;
  /** Its value, without quotes. */
  readonly begin: number;
  readonly end: number;
}
