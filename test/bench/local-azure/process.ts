import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Child } from '../../processes/child.ts';
import type { Row } from '../figures.ts';
import { round } from '../figures.ts';
import { median } from '../rounds.ts';

const starts = 5;
const idleMs = 5_000;
const [mostStartMs, mostMemoryMb] = [2_000, 250];

/** From the spawn of the process on an empty folder to its ready line; and what it holds when idle. */
export async function processRows(): Promise<readonly Row[]> {
  const ms: number[] = [];
  let memory = NaN;
  for (let start = 1; start <= starts; start++) {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-start-'));
    const startedAt = performance.now();
    const azure = new Child('local-azure', 'infra/local-azure/src/main.ts', ['--data', folder], {});
    try {
      await azure.line(/"ready":true/);
      ms.push(performance.now() - startedAt);
      if (start < starts) continue;
      await wait(idleMs);
      memory = residentMegabytes(azure.pid);
    } finally {
      await azure.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const startMs = median(ms);
  return [
    {
      what: 'the embedded Azure, start to ready on an empty folder',
      measured: `${round(startMs, 0)} ms`,
      beside: ` (median of ${starts}: ${ms.map((each) => round(each, 0)).join(', ')})`,
      must: `${mostStartMs} ms`,
      reached: startMs < mostStartMs,
    },
    {
      what: 'the embedded Azure, resident memory when idle',
      measured: `${round(memory, 0)} MB`,
      beside: ` (${idleMs / 1_000} s after ready)`,
      must: `${mostMemoryMb} MB`,
      reached: memory < mostMemoryMb,
    },
  ];
}

/** As Linux counts it; elsewhere there is no such file. */
function residentMegabytes(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return NaN;
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(file, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}
