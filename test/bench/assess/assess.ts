import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalAzure } from '@headroom/local-azure';
import type { LocalAzure } from '@headroom/local-azure';
import { runFleet } from '../../reference/azure-engine/fleet.ts';
import { headroomAssess } from '../../assess/headroom-assess.ts';
import type { AssessRun } from '../../assess/headroom-assess.ts';
import { backtestRatios, doneOf, refusals, shareOf, verdictsOn } from '../../assess/proof.ts';
import type { Done, Verdicts } from '../../assess/proof.ts';
import { publish } from '../../assess/publish.ts';
import { RequestTally } from '../../assess/request-tally.ts';
import type { Row } from '../figures.ts';
import { percentile, round } from '../figures.ts';

export interface AssessBench {
  readonly seed: number;
  readonly settings: number;
  readonly days: number;
}

const shareLeast = 0.99;
const minutesMost = 10;
const hoursOffMost = 0.1;
/** Of those that nothing explains, how many are shown. */
const shownMost = 20;

/**
 * `headroom assess` of a fleet that the reference simulator of Azure's engine scaled, through the embedded Azure: what share of
 * the engine's actions it reproduces or explains, how long it takes, and that it writes nothing.
 */
export async function assessBench(options: AssessBench): Promise<readonly Row[]> {
  console.log(`seed ${options.seed}: ${options.settings} settings over ${options.days} days`);
  const folder = mkdtempSync(join(tmpdir(), 'headroom-assess-'));
  const tally = new RequestTally();
  const azure = await startLocalAzure({ dataDir: join(folder, 'azure'), onRequest: tally.witness });
  try {
    const done = await fill(azure, options);
    tally.clear();
    const run = await headroomAssess(azure, folder, options.days);
    if (run.told === undefined) throw new Error(`assess ended with ${run.code}: ${run.err}`);
    console.log(`\n${run.out}\n`);
    const [calls, writes] = [tally.lines(), tally.writes()];
    tally.clear();
    const again = await headroomAssess(azure, folder, options.days, ['--offline']);
    const rows = rowsOf(run, verdictsOn(done, run.told), { calls, writes });
    return [...rows, offlineRow(again, tally.total())];
  } finally {
    await azure.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(azure: LocalAzure, options: AssessBench): Promise<readonly Done[]> {
  const began = performance.now();
  const done: Done[] = [];
  let points = 0;
  for (const recording of runFleet({ ...options, now: Date.now() })) {
    points += await publish(azure, recording);
    done.push(doneOf(recording));
  }
  const seconds = (performance.now() - began) / 1_000;
  console.log(`simulated and put: ${points} points of metrics in ${round(seconds, 0)} s`);
  return done;
}

function rowsOf(
  run: AssessRun,
  verdicts: Verdicts,
  { calls, writes }: { readonly calls: readonly string[]; readonly writes: readonly string[] },
): readonly Row[] {
  const settings = run.told?.settings ?? [];
  const share = shareOf(verdicts);
  tellOf(verdicts);
  console.log(`requests: ${calls.join(', ')}`);
  const steps = [...run.steps].map(([step, at]) => `${step} ${round(at, 0)} s`).join(', ');
  for (const [why, count] of refusals(settings)) console.log(`backtest refused ${count}x: ${why}`);
  const ratios = backtestRatios(settings);
  const off = ratios.map((ratio) => Math.abs(ratio - 1));
  const isWithin = off.every((each) => each <= hoursOffMost);
  return [
    {
      what: `actions of Azure's engine reproduced or explained`,
      measured: `${round(share * 100)} %`,
      beside: ` of ${verdicts.actions}: ${verdicts.reproduced} reproduced, ${textOf(verdicts)}`,
      must: `${shareLeast * 100} %`,
      reached: share >= shareLeast,
    },
    {
      what: 'writes on the wire, counted at the server',
      measured: String(writes.length),
      beside: writes.length === 0 ? '' : ` (${writes.join(', ')})`,
      must: '0',
      reached: writes.length === 0,
    },
    {
      what: 'headroom assess, from nothing',
      measured: `${round(run.seconds / 60)} min`,
      beside: ` (${round(run.cpuSeconds ?? NaN, 0)} s of CPU; ${steps})`,
      must: `${minutesMost} min`,
      reached: run.seconds <= minutesMost * 60,
    },
    {
      what: 'instance-hours of the own backtest against those of the history',
      measured: `${ratios.length} of ${settings.length} settings, off by ${percent(percentile(off, 0.5))} at the median and ${percent(Math.max(0, ...off))} at most`,
      beside: ` (${settings.length - ratios.length} refused)`,
      must: `${hoursOffMost * 100} %, or refused`,
      reached: isWithin,
    },
  ];
}

function offlineRow(again: AssessRun, requests: number): Row {
  if (again.code !== 0) console.log(`--offline ended with ${again.code}: ${again.err}`);
  return {
    what: 'again from its cache (--offline)',
    measured: `${round(again.seconds, 0)} s, ${requests} requests`,
    beside: '',
    must: '0 requests',
    reached: again.code === 0 && requests === 0,
  };
}

function tellOf({ unexplained, untold, invented }: Verdicts): void {
  for (const [word, texts] of Object.entries({ unexplained, untold, invented })) {
    for (const text of texts.slice(0, shownMost)) console.log(`${word}: ${text}`);
    if (texts.length > shownMost) console.log(`${word}: ${texts.length - shownMost} more`);
  }
}

function textOf({ explained, unexplained, untold }: Verdicts): string {
  const causes = [...explained].sort(([, a], [, b]) => b - a);
  const text = causes.map(([by, count]) => `${by} ${count}`).join(', ');
  return `explained by ${text === '' ? 'nothing' : text}; ${unexplained.length} unexplained, ${untold.length} not judged`;
}

function percent(value: number): string {
  return `${round(value * 100, 1)} %`;
}
