import { SingleBar } from 'cli-progress';
import type { Surroundings } from '../surroundings.ts';

/** How far each step of a longer work is: a bar on a terminal, else a line now and then. */
export interface Steps {
  /** `note`: what else is to be told of it. */
  at(step: string, done: number, total: number, note?: string): void;
  close(): void;
}

/** Where there is no terminal, a line is written each time so much more is done. */
const linesEvery = 0.25;

export function openSteps({ terminal, err }: Pick<Surroundings, 'terminal' | 'err'>): Steps {
  return terminal === undefined ? lines(err) : bars(terminal);
}

function bars(stream: NodeJS.WritableStream): Steps {
  let current: { readonly step: string; readonly bar: SingleBar } | undefined;
  const close = () => {
    current?.bar.stop();
    current = undefined;
  };
  return {
    at(step, done, total, note = '') {
      if (current?.step !== step) {
        close();
        const format = `${step.padEnd(12)} {bar} {value}/{total}  {note}`;
        current = {
          step,
          bar: new SingleBar({ format, stream, hideCursor: false, linewrap: true }),
        };
        current.bar.start(total, done, { note });
      } else current.bar.update(done, { note });
    },
    close,
  };
}

function lines(err: (text: string) => void): Steps {
  let told: { readonly step: string; readonly share: number } | undefined;
  return {
    at(step, done, total, note = '') {
      const share = total === 0 ? 1 : done / total;
      const isNews = told?.step !== step || share >= told.share + linesEvery || share === 1;
      if (!isNews || (told?.step === step && told.share === share)) return;
      told = { step, share };
      err(`${step}: ${done} of ${total}${note === '' ? '' : `, ${note}`}\n`);
    },
    close: () => undefined,
  };
}
