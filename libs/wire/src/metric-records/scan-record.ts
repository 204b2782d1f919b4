import { byteAt, numberEnd, skipSpace, stringEnd, surprise } from './json-bytes.ts';
import { firstNumber, member, memberAt } from './member-name.ts';
import type { MessageBytes } from './message-bytes.ts';
import type { RecordLayout } from './record-layout.ts';
import type { RecordShape } from './record-shape.ts';

const quote = 34;
const comma = 44;
const colon = 58;
const openingBrace = 123;
const closingBrace = 125;

/**
 * Walks objects and notes where their members lie. Answers the position after the object, or
 * `surprise` where it holds what only JSON.parse should read: nested values, literals, exponents, a
 * member twice. What it has read name by name, `shape` learns: the next record is mostly like it.
 */
export class RecordScanner {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #layout: RecordLayout;
  readonly #shape: RecordShape;

  constructor({ bytes, view }: MessageBytes, layout: RecordLayout, shape: RecordShape) {
    this.#bytes = bytes;
    this.#view = view;
    this.#layout = layout;
    this.#shape = shape;
  }

  /** `brace` is the object's. */
  scan(brace: number): number {
    const end = this.#shape.scan(this.#bytes, this.#view, brace, this.#layout);
    return end === surprise ? this.#scanMembers(brace) : end;
  }

  #scanMembers(brace: number): number {
    const bytes = this.#bytes;
    this.#layout.reset(brace);
    this.#shape.begin(brace);
    let at = skipSpace(bytes, brace + 1);
    if (byteAt(bytes, at) !== closingBrace) {
      at = this.#member(brace, openingBrace);
      while (at !== surprise && byteAt(bytes, skipSpace(bytes, at)) === comma) {
        at = this.#member(skipSpace(bytes, at), comma);
      }
      if (at === surprise) return surprise;
      this.#shape.end(byteAt(bytes, at) === closingBrace);
      at = skipSpace(bytes, at);
    }
    if (byteAt(bytes, at) !== closingBrace) return surprise;
    this.#layout.end = at + 1;
    return at + 1;
  }

  /** A member from the brace or the comma before it. Answers the position after its value. */
  #member(from: number, mark: number): number {
    const bytes = this.#bytes;
    const name = skipSpace(bytes, from + 1) + 1;
    if (byteAt(bytes, from) !== mark || byteAt(bytes, name - 1) !== quote) return surprise;
    const nameEnd = stringEnd(bytes, this.#view, name);
    if (nameEnd === surprise) return surprise;
    const afterName = skipSpace(bytes, nameEnd + 1);
    if (byteAt(bytes, afterName) !== colon) return surprise;
    const value = skipSpace(bytes, afterName + 1);
    const id = memberAt(this.#view, name, nameEnd);
    return id === member.other
      ? this.#otherValue(value, name, nameEnd)
      : this.#knownValue(value, id, name, nameEnd);
  }

  #knownValue(value: number, id: number, name: number, nameEnd: number): number {
    const isText = id < firstNumber;
    if (isText && byteAt(this.#bytes, value) !== quote) return surprise;
    const begin = isText ? value + 1 : value;
    const end = isText
      ? stringEnd(this.#bytes, this.#view, begin)
      : numberEnd(this.#bytes, this.#view, begin);
    if (end === surprise || !this.#layout.put(id, begin, end)) return surprise;
    this.#shape.learn(this.#bytes, { id, name, nameEnd, begin, end });
    return isText ? end + 1 : end;
  }

  #otherValue(value: number, name: number, nameEnd: number): number {
    if (byteAt(this.#bytes, value) !== quote) {
      this.#layout.hasForeign = true;
      this.#shape.spoil();
      return numberEnd(this.#bytes, this.#view, value);
    }
    const begin = value + 1;
    const end = stringEnd(this.#bytes, this.#view, begin);
    if (end === surprise || !this.#layout.putOther(name, nameEnd, begin, end)) return surprise;
    this.#shape.learn(this.#bytes, { id: member.other, name, nameEnd, begin, end });
    return end + 1;
  }
}
