import { SingleBar } from 'cli-progress';
import type { Surroundings } from '../surroundings.ts';

/** Shows how far a file has been sent. */
export interface Progress {
  at(bytes: number, totalBytes: number, records: number): void;
  close(): void;
}

/** Records between two lines where there is no terminal. */
const linesEvery = 100_000;

/** A bar on a terminal, else a count now and then. */
export function openProgress(around: Surroundings): Progress {
  return around.terminal === undefined ? counted(around) : bar(around.terminal);
}

function bar(stream: NodeJS.WritableStream): Progress {
  const format = '{bar} {percentage} %  {records} records';
  const drawn = new SingleBar({ format, stream, hideCursor: false, linewrap: true });
  let started = false;
  return {
    at(bytes, totalBytes, records) {
      if (!started) drawn.start(totalBytes, 0, { records });
      started = true;
      drawn.update(bytes, { records });
    },
    close() {
      if (started) drawn.stop();
    },
  };
}

function counted(around: Surroundings): Progress {
  let next = linesEvery;
  return {
    at(_bytes, _totalBytes, records) {
      if (records < next) return;
      next = records + linesEvery;
      around.err(`${records} records sent\n`);
    },
    close: () => undefined,
  };
}
