import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, instant, minuteMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import { azureEnvironment } from '@headroom/runtime';
import { assessAll } from '../assess/assess-all.ts';
import { assessJson } from '../assess/assess-json.ts';
import { fleetLines } from '../assess/fleet-lines.ts';
import type { AssessedFleet } from '../assess/fleet-lines.ts';
import { openSteps } from '../assess/steps.ts';
import type { Steps } from '../assess/steps.ts';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { silentLog } from '../connections.ts';
import { connectSources } from '../history/connect-sources.ts';
import { dayMs } from '../history/days.ts';
import { cachedHistories, fetchHistories } from '../history/fetch-histories.ts';
import type { Histories, HistoryRequest } from '../history/histories.ts';
import { figuresOf } from '../report/figures.ts';
import { renderPage } from '../report/render-report.ts';
import type { ReportedSetting } from '../report/render-report.ts';
import type { Assessment } from '@headroom/scenario';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { printable } from '../text/printable.ts';
import { shortName } from '../text/target-name.ts';
import { colorsOf } from '../view/colors.ts';

export interface AssessOptions {
  readonly subscription: string;
  readonly resourceGroup?: string;
  /** Names of settings; all where absent. */
  readonly setting?: readonly string[];
  readonly days: number;
  readonly offline: boolean;
  readonly out: string;
  readonly json?: string;
  readonly data: string;
}

/** The report's texts keep a figure and its unit on one line; a terminal breaks lines anywhere. */
const unbroken = '\u00a0';

/** Of Headroom, in reports. */
const version = '0.1.0';

/** `headroom assess`: fetch, assess, tell. Nothing is written but to files here. */
export async function assess(options: AssessOptions, around: Surroundings): Promise<ExitCode> {
  for (const path of [options.out, options.json ?? options.out]) await refuseFolderOf(path);
  const steps = openSteps(around);
  try {
    const histories = await historiesFor(options, around, steps);
    if (histories.settings === 0) throw new CommandFailed(nothingFound(options, histories, around));
    const assessed = await assessAll(histories.each, histories.settings, (done) => {
      steps.at('assessed', done, histories.settings);
    });
    steps.close();
    await tell(options, histories, assessed, around);
    return 0;
  } finally {
    steps.close();
  }
}

async function historiesFor(
  options: AssessOptions,
  around: Surroundings,
  steps: Steps,
): Promise<Histories> {
  const { subscription, resourceGroup, setting: names, days, data } = options;
  const to = instant(Math.floor(around.now() / minuteMs) * minuteMs);
  const request: HistoryRequest = {
    ...{ subscription, data, to, from: after(to, -days * dayMs) },
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    ...(names === undefined ? {} : { names }),
    onProgress: ({ step, done, total, calls }) => steps.at(step, done, total, `${calls} calls`),
  };
  if (options.offline) return cachedHistories(request);
  const sources = await connectSources(azureEnvironment(data, around.env), silentLog);
  try {
    return await fetchHistories(request, sources);
  } catch (error) {
    const asked = ownAzure(options, around);
    if (!(error instanceof CommandFailed) || asked === undefined) throw error;
    throw new CommandFailed(`${error.message}\nAsked was ${asked}.`, { cause: error });
  }
}

function nothingFound(options: AssessOptions, { unread }: Histories, around: Surroundings): string {
  const { subscription, resourceGroup, offline } = options;
  const where = `subscription ${subscription}${resourceGroup === undefined ? '' : `, resource group ${resourceGroup}`}`;
  if (unread.length > 0) {
    const why = unread.map(({ id, why: text }) => `\n  ${id}: ${text}`).join('');
    return `none of the ${unread.length} autoscale settings of ${where} can be read:${why}`;
  }
  if (offline) return `nothing was fetched of ${where}: run it without --offline first`;
  const asked = ownAzure(options, around);
  return `${where} has no autoscale settings that you may see${asked === undefined ? '' : ` in ${asked}`}: check both, and that you have the role Reader there ("az monitor autoscale list" shows the same ones)`;
}

/** Who started a local system before means Azure all the same, and would look for the fault in vain: it may have ended long ago. */
function ownAzure({ data }: AssessOptions, { env }: Surroundings): string | undefined {
  const { ARM_ENDPOINT: asked } = azureEnvironment(data, env);
  if (asked === undefined || asked === env['ARM_ENDPOINT']) return undefined;
  return `the embedded Azure at ${asked}, that of the local system in ${data} (to ask yours, give another --data)`;
}

async function tell(
  options: AssessOptions,
  { unread, calls }: Histories,
  assessed: readonly ReportedSetting[],
  around: Surroundings,
): Promise<void> {
  const assessments = assessed.map(({ assessment }) => assessment);
  const { subscription, resourceGroup, out, json, data } = options;
  const fleet: AssessedFleet = { assessments, unread, ...spanOf(assessments), data };
  const scope = { subscription, ...(resourceGroup === undefined ? {} : { resourceGroup }) };
  const about = {
    ...{ ...scope, ...spanOf(assessments), generatedAt: around.now(), version },
    ...(calls === 0 ? {} : { calls }),
  };
  await write(out, renderPage(assessed, about));
  if (json !== undefined) await write(json, assessJson(fleet, scope));
  around.out(`${fleetLines(fleet, colorsOf(around)).join('\n')}\n`.replaceAll(unbroken, ' '));
  around.out(`${nextLines(options, calls, assessments).join('\n')}\n`);
}

/** What needs nothing more first. */
function nextLines(
  { subscription, resourceGroup, out, data }: AssessOptions,
  calls: number,
  assessments: readonly Assessment[],
): readonly string[] {
  const group = resourceGroup === undefined ? '' : ` --resource-group ${resourceGroup}`;
  const source =
    calls === 0 ? 'nothing was asked of Azure' : `${calls} calls to Azure, none of them a write`;
  return [
    `Report: ${out} (${source})`,
    ...sweepLine(data, assessments),
    `Next, where Headroom runs: "headroom import --subscription ${subscription}${group} --mode observe" lets these settings decide beside Azure, without acting`,
  ];
}

/** Of the setting with most time over a threshold among those that could be run. */
function sweepLine(data: string, assessments: readonly Assessment[]): readonly string[] {
  const [most] = assessments
    .filter(({ backtest }) => backtest.kind === 'run')
    .toSorted((a, b) => figuresOf(b).heldMs - figuresOf(a).heldMs);
  if (most === undefined) return [];
  const name = printable(shortName(most.history.setting.target));
  return [
    `Next: "headroom backtest ${name} --against ${data} --sweep" tries other thresholds, windows and cooldowns over the same load`,
  ];
}

function spanOf(assessments: readonly Assessment[]): {
  readonly from: Instant;
  readonly to: Instant;
} {
  const from = Math.min(...assessments.map(({ history }) => history.from));
  const to = Math.max(...assessments.map(({ history }) => history.to));
  return { from: instant(from), to: instant(to) };
}

/** Minutes of fetching later would be late to find that the result has no place. */
async function refuseFolderOf(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) throw new Error('it is a folder, and a file is expected');
  } catch (error) {
    throw new CommandFailed(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CommandFailed(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
