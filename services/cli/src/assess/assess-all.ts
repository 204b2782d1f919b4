import { availableParallelism } from 'node:os';
import type { TargetHistory } from '@headroom/scenario';
import type { ReportedSetting } from '../report/render-report.ts';
import { assessedSetting } from './assessed-setting.ts';
import { AssessPool } from './pool.ts';

/** More threads would wait for the histories that this one reads for them. */
const threadsMost = 4;

/** So few are assessed before threads have loaded what they need. */
const withoutThreadsMost = 2;

/** `total`: how many there are. */
export async function assessAll(
  histories: AsyncIterable<TargetHistory>,
  total: number,
  onDone: (done: number) => void,
): Promise<readonly ReportedSetting[]> {
  const threads = Math.min(availableParallelism(), threadsMost);
  return threads < 2 || total <= withoutThreadsMost
    ? inTurn(histories, onDone)
    : sideBySide(histories, threads, onDone);
}

async function inTurn(
  histories: AsyncIterable<TargetHistory>,
  onDone: (done: number) => void,
): Promise<readonly ReportedSetting[]> {
  const all: ReportedSetting[] = [];
  for await (const history of histories) {
    all.push(assessedSetting(history, sectionId(all.length)));
    onDone(all.length);
  }
  return all;
}

async function sideBySide(
  histories: AsyncIterable<TargetHistory>,
  threads: number,
  onDone: (done: number) => void,
): Promise<readonly ReportedSetting[]> {
  const pool = new AssessPool(threads);
  const begun: Promise<ReportedSetting>[] = [];
  let done = 0;
  try {
    for await (const history of histories) {
      const { assessed } = await pool.begin(history, sectionId(begun.length));
      const told = assessed.finally(() => onDone(++done));
      // Looked at below, together with the others.
      told.catch(() => undefined);
      begun.push(told);
    }
    return await Promise.all(begun);
  } finally {
    await pool.close();
  }
}

function sectionId(place: number): string {
  return `setting-${place + 1}`;
}
