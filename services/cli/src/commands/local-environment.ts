import { join, resolve } from 'node:path';
import { whoRuns } from '@headroom/local-azure';
import { environmentFileName, readEnvironmentFile } from '@headroom/runtime';
import { CommandFailed } from '../command-failed.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';

/** `headroom local --env`: what a shell needs to reach the one that runs in the folder. */
export function localEnvironmentLines(
  { data }: { readonly data: string },
  around: Surroundings,
): ExitCode {
  const dataDir = resolve(data);
  const running = whoRuns(join(dataDir, 'azure'));
  if (running === undefined) {
    throw new CommandFailed(
      `No embedded Azure runs in ${data}. Start one in another terminal with "headroom local", or name its folder: --data DIR`,
    );
  }
  const env =
    running === 'starting' ? undefined : readEnvironmentFile(join(dataDir, environmentFileName));
  if (env === undefined) {
    throw new CommandFailed(`The embedded Azure in ${data} is starting: ask again in a moment.`);
  }
  for (const [name, value = ''] of Object.entries(env))
    around.out(`export ${name}=${quoted(value)}\n`);
  return 0;
}

/** For a POSIX shell: within single quotes nothing but the quote itself has a meaning. */
const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;
