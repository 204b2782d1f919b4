import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where a child's output goes. Twice `bytesMax` is the most that it takes on the disk. */
export interface LogFile {
  readonly path: string;
  write(chunk: Uint8Array): void;
  close(): void;
}

export const logFileBytesMax = 8 * 2 ** 20;

/**
 * Opens the file for appending, readable by its owner alone. Before a write would take it past
 * `bytesMax`, it becomes `<path>.1` in the place of an older one. Writes are synchronous: output
 * is little, and a line that was written is there when the writer dies.
 */
export function openLogFile(path: string, bytesMax: number = logFileBytesMax): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  let { handle, bytes } = open(path);
  let closed = false;
  return {
    path,
    write(chunk) {
      if (closed) return;
      if (bytes > 0 && bytes + chunk.byteLength > bytesMax) {
        closeSync(handle);
        renameSync(path, `${path}.1`);
        ({ handle, bytes } = open(path));
      }
      writeSync(handle, chunk.subarray(0, bytesMax));
      bytes += Math.min(chunk.byteLength, bytesMax);
    },
    close() {
      if (closed) return;
      closed = true;
      closeSync(handle);
    },
  };
}

function open(path: string): { handle: number; bytes: number } {
  const handle = openSync(path, 'a', 0o600);
  return { handle, bytes: fstatSync(handle).size };
}
