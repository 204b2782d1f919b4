import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Row } from './figures.ts';

/** Of the settings that are asked for, how many each part has. */
const parts = [
  { name: 'round', settings: (all: number) => all },
  { name: 'peers', settings: (all: number) => Math.min(all, 10_000) },
  { name: 'windows', settings: (all: number) => Math.min(all, 2_000) },
  { name: 'memory', settings: (all: number) => Math.min(all, 20_000) },
];

/** Each part in a process of its own: what one of them makes the compiler believe is nothing to the next. */
export async function evaluator(settings: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const part of parts) {
    console.log(`  ${part.name}: ${part.settings(settings)} settings …`);
    rows.push(...(await rowsOf(part.name, part.settings(settings))));
  }
  return rows;
}

async function rowsOf(part: string, settings: number): Promise<readonly Row[]> {
  const script = new URL('evaluator-part.ts', import.meta.url).pathname;
  const flags = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, script, part, String(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`bench: the part ${part} ended with ${child.exitCode}`);
  // The part is this bench's own code, of the same version.
  return JSON.parse(printed) as readonly Row[];
}
