import type { Socket } from 'node:net';

const FLUSH_BYTES = 128 * 1024;

/** Puts frames on a socket: one write for many small ones, since each costs more than the copy. */
export class FrameOutput {
  readonly #socket: Socket;
  #unsent: Buffer[] = [];
  #unsentBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the client has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.writableLength + this.#unsentBytes;
  }

  /** Sends at the end of this turn, together with whatever else is written in it. */
  write(parts: readonly Buffer[]): void {
    if (this.#unsent.length === 0) process.nextTick(() => this.flush());
    for (const part of parts) {
      this.#unsent.push(part);
      this.#unsentBytes += part.length;
    }
    if (this.#unsentBytes >= FLUSH_BYTES) this.flush();
  }

  flush(): void {
    if (this.#unsent.length === 0) return;
    const bytes = Buffer.concat(this.#unsent, this.#unsentBytes);
    this.#unsent = [];
    this.#unsentBytes = 0;
    if (this.#socket.writable) this.#socket.write(bytes);
  }
}
