import { resolve } from 'node:path';
import { contentsOf, resetFolder } from '@headroom/local-azure';
import { CommandFailed, messageOf } from '../command-failed.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { bytesText } from '../view/local-lines.ts';

export interface ResetOptions {
  readonly data: string;
  readonly yes: boolean;
}

/** `headroom local reset`: says what goes, asks, and deletes it. */
export async function localReset(options: ResetOptions, around: Surroundings): Promise<ExitCode> {
  const dataDir = resolve(options.data);
  const contents = contentsOf(dataDir);
  if (contents.length === 0) {
    around.out(
      `${options.data} keeps nothing of the embedded Azure: there is nothing to delete.\n`,
    );
    return 0;
  }
  const bytes = contents.reduce((sum, content) => sum + content.bytes, 0);
  const what = `every event, message, document, ARM resource, key and certificate in ${options.data} (${bytesText(bytes)})`;
  if (!options.yes && !(await agreed(what, around))) {
    around.out('Nothing was deleted.\n');
    return 1;
  }
  try {
    resetFolder(dataDir);
  } catch (cause) {
    throw new CommandFailed(messageOf(cause), { cause });
  }
  around.out(`Deleted ${what}. The next start makes new keys.\n`);
  return 0;
}

async function agreed(what: string, { ask }: Surroundings): Promise<boolean> {
  if (ask === undefined) {
    throw new CommandFailed(
      `This would delete ${what}. Nobody can be asked here: give --yes to do it`,
    );
  }
  return /^y(es)?$/i.test((await ask(`Delete ${what}? [y/N] `)).trim());
}
