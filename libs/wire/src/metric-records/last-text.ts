import type { MessageBytes } from './message-bytes.ts';
import { sameBytes } from './same-bytes.ts';

/** Longest text that is remembered, in bytes. */
const textBytesMax = 64;

/** What the last text of a kind meant: the records of a message mostly share their time and grain. */
export class LastText<T> {
  readonly #read: (text: string) => T;
  readonly #bytes = new Uint8Array(textBytesMax);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = -1;
  #value: T | undefined;

  constructor(read: (text: string) => T) {
    this.#read = read;
  }

  /** The meaning of the bytes [begin, end), which are plain. */
  valueOf({ bytes, view }: MessageBytes, begin: number, end: number): T | undefined {
    const length = end - begin;
    if (length === this.#length && sameBytes(view, begin, this.#view, 0, length)) {
      return this.#value;
    }
    this.#value = this.#read(bytes.toString('latin1', begin, end));
    this.#length = length <= textBytesMax ? length : -1;
    if (length <= textBytesMax) this.#bytes.set(bytes.subarray(begin, end));
    return this.#value;
  }
}
