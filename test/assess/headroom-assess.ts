import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalAzure } from '@headroom/local-azure';
import { subscription } from '../reference/azure-engine/fleet-place.ts';

const headroom = fileURLToPath(new URL('../../services/cli/bin/headroom.js', import.meta.url));

/** What `headroom assess` left, in the parts that are looked at. */
export interface Told {
  readonly settings: readonly ToldSetting[];
  readonly unread: readonly { readonly id: string; readonly why: string }[];
}

export interface ToldSetting {
  readonly id: string;
  readonly name: string;
  readonly actions: readonly ToldAction[];
  readonly gaps: readonly string[];
  readonly instanceHours?: number;
  readonly backtest:
    | { readonly kind: 'run'; readonly figures: { readonly instanceHours: number } }
    | { readonly kind: 'refused'; readonly why: string };
}

export interface ToldAction {
  readonly at: string;
  readonly from: number;
  readonly to: number;
  readonly finding:
    | { readonly kind: 'reproduced' }
    | { readonly kind: 'explained'; readonly by: string; readonly text: string }
    | { readonly kind: 'unexplained'; readonly text: string };
}

export interface AssessRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly told: Told | undefined;
  readonly seconds: number;
  /** Of all its threads, as Linux counts it; absent elsewhere. */
  readonly cpuSeconds?: number;
  /** Seconds from the start on at which each step was last spoken of. */
  readonly steps: ReadonlyMap<string, number>;
}

/**
 * Runs the command as a process of its own that knows nothing but where Azure Resource Manager is and a token that may read
 * only. What it writes goes into `folder`.
 */
export async function headroomAssess(
  { env, readerToken }: Pick<LocalAzure, 'env' | 'readerToken'>,
  folder: string,
  days: number,
  more: readonly string[] = [],
): Promise<AssessRun> {
  const { ARM_ENDPOINT, NODE_EXTRA_CA_CERTS } = env;
  const json = join(folder, 'assess.json');
  const options = ['--days', String(days), '--data', join(folder, 'data'), '--json', json];
  const report = ['--out', join(folder, 'report.html')];
  const args = ['assess', '--subscription', subscription, ...options, ...report, ...more];
  const began = performance.now();
  const child = spawn(process.execPath, [headroom, ...args], {
    env: { HOME: folder, ARM_ENDPOINT, NODE_EXTRA_CA_CERTS, ARM_TOKEN: readerToken },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const cpu = watchCpu(child.pid ?? 0);
  const [out, err]: string[][] = [[], []];
  const steps = new Map<string, number>();
  const seconds = (): number => (performance.now() - began) / 1_000;
  createInterface({ input: child.stdout }).on('line', (line) => out!.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => {
    err!.push(line);
    steps.set(line.split(':')[0]!, seconds());
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const cpuSeconds = cpu.stop();
  const told = code === 0 ? (JSON.parse(await readFile(json, 'utf8')) as Told) : undefined;
  const texts = { out: out!.join('\n'), err: err!.join('\n') };
  const figures = { seconds: seconds(), ...(cpuSeconds === undefined ? {} : { cpuSeconds }) };
  return { code, ...texts, told, ...figures, steps };
}

/** User and system time is gone with the process: looked at now and then while it runs. */
function watchCpu(pid: number): { readonly stop: () => number | undefined } {
  let last: number | undefined;
  const look = (): void => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      last = (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      // It has ended, or this is no Linux.
    }
  };
  const timer = setInterval(look, 200);
  return {
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
}
