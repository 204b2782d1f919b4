import { MAX_MESSAGE_BYTES } from './limits.ts';

const NOTHING: Buffer = Buffer.alloc(0);
const FIRST_BYTES = 16 * 1024;

/** A message that comes in several transfers. One that is too large is counted, not kept. */
export class PartialMessage {
  #held = NOTHING;
  #bytes = 0;

  /** What came so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What it takes of memory. */
  get heldBytes(): number {
    return this.#held.length;
  }

  get payload(): Buffer {
    return this.#held.subarray(0, this.#bytes);
  }

  /** Parts are copied: a small one would hold on to all that came with it from the socket. */
  add(part: Buffer): void {
    const start = this.#bytes;
    this.#bytes += part.length;
    if (this.#bytes > MAX_MESSAGE_BYTES) {
      this.#held = NOTHING;
      return;
    }
    if (this.#held.length < this.#bytes) this.#grow(start);
    part.copy(this.#held, start);
  }

  #grow(used: number): void {
    const wanted = Math.max(FIRST_BYTES, 2 * this.#bytes);
    const larger = Buffer.allocUnsafe(Math.min(wanted, MAX_MESSAGE_BYTES));
    this.#held.copy(larger, 0, 0, used);
    this.#held = larger;
  }
}
