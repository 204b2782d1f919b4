import { DecodeError } from '../errors.ts';
import { MAX_FRAME_BYTES, MAX_PIECES } from './limits.ts';

/** Every frame and every protocol header has at least so many bytes. */
const HEAD_BYTES = 8;
/** 'AMQP': as the size of a frame it would be 1.1 GB, which none may have. */
const HEADER_MAGIC = 0x414d5150;

export function isProtocolHeader(unit: Buffer): boolean {
  return unit.readUInt32BE(0) === HEADER_MAGIC;
}

/** Cuts what comes from a socket into units: frames and protocol headers. */
export class FrameInput {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #needed = HEAD_BYTES;

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#pieces.length > MAX_PIECES) this.#pieces = [Buffer.concat(this.#pieces)];
  }

  /** The next whole unit; undefined until more bytes come. Throws on one that is too large. */
  next(): Buffer | undefined {
    if (this.#bytes < this.#needed) return undefined;
    const bytes = this.#joined();
    const size = isProtocolHeader(bytes) ? HEAD_BYTES : bytes.readUInt32BE(0);
    if (size < HEAD_BYTES || size > MAX_FRAME_BYTES) {
      throw new DecodeError(`AMQP frame of ${size} bytes; the limit is ${MAX_FRAME_BYTES}`);
    }
    if (bytes.length < size) {
      this.#needed = size;
      return undefined;
    }
    this.#needed = HEAD_BYTES;
    this.#bytes -= size;
    this.#pieces = this.#bytes === 0 ? [] : [bytes.subarray(size)];
    return bytes.subarray(0, size);
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    const joined = first && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }
}
