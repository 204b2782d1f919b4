import { join, resolve } from 'node:path';
import { contentsOf, whoRuns } from '@headroom/local-azure';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { colorsOf } from '../view/colors.ts';
import { statusLines } from '../view/local-lines.ts';

/** `headroom local status`; exit code 3 when nothing runs in the folder. */
export function localStatus({ data }: { readonly data: string }, around: Surroundings): ExitCode {
  const dataDir = resolve(data);
  const running = whoRuns(join(dataDir, 'azure'));
  const status = { data, running, contents: contentsOf(dataDir), now: around.now() };
  around.out(`${statusLines(status, colorsOf(around)).join('\n')}\n`);
  return running === undefined ? 3 : 0;
}
