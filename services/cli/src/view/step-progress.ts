import { SingleBar } from 'cli-progress';
import type { Surroundings } from '../surroundings.ts';

/** Shows how many of some things are done. */
export interface StepProgress {
  at(done: number): void;
  close(): void;
}

/** Lines where there is no terminal. */
const lines = 4;

/** A bar on a terminal, else a line now and then. `what`: `settings run`. */
export function openSteps(total: number, what: string, around: Surroundings): StepProgress {
  return around.terminal === undefined
    ? counted(total, what, around)
    : bar(total, what, around.terminal);
}

function bar(total: number, what: string, stream: NodeJS.WritableStream): StepProgress {
  const format = `{bar} {value} of {total} ${what}`;
  const drawn = new SingleBar({
    format,
    stream,
    hideCursor: false,
    linewrap: true,
    clearOnComplete: true,
  });
  drawn.start(total, 0);
  return { at: (done) => drawn.update(done), close: () => drawn.stop() };
}

function counted(total: number, what: string, around: Surroundings): StepProgress {
  let told = 0;
  return {
    at(done) {
      const part = Math.floor((done * lines) / total);
      if (part <= told) return;
      told = part;
      around.err(`${done} of ${total} ${what}\n`);
    },
    close: () => undefined,
  };
}
