import { targetId } from '@headroom/core';
import type { AuditRecord, Instant, TargetId } from '@headroom/core';
import type { AuditQuestion, SettingStore } from '@headroom/ports';
import { localEnvironment } from '@headroom/runtime';
import { encodeAuditRecord } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { openStores, silentLog } from '../connections.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { findTarget, shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';
import { plainColors, terminalColors } from '../view/colors.ts';
import { recordLines } from '../view/record-lines.ts';

export interface AuditOptions {
  readonly data: string;
  /** An ARM id or an ending of it; every target when absent. */
  readonly target?: string;
  readonly since: Instant;
  readonly until?: Instant;
  readonly json: boolean;
}

/** `headroom audit`. */
export async function audit(options: AuditOptions, around: Surroundings): Promise<ExitCode> {
  refuseEmptySpan(options, around);
  const stores = await openStores(localEnvironment(options.data, around.env), silentLog);
  try {
    const question = await questionOf(options, stores.settings);
    const print = options.json ? printJson(around) : printText(around);
    let count = 0;
    for await (const record of stores.audit.query(question)) {
      print(record);
      count++;
    }
    if (count === 0) around.err(`${nothingText(question)}\n`);
    return 0;
  } finally {
    stores.close();
  }
}

function refuseEmptySpan({ since, until }: AuditOptions, around: Surroundings): void {
  const end = until ?? around.now();
  if (since < end) return;
  const span = `${formatInstant(since)} to ${formatInstant(end)}`;
  throw new CommandFailed(`--since must lie before the end of the span: ${span} holds nothing`);
}

async function questionOf(options: AuditOptions, settings: SettingStore): Promise<AuditQuestion> {
  const { target: text, since, until } = options;
  const end = until === undefined ? {} : { until };
  if (text === undefined) return { since, ...end };
  // `follow` waits for a store that is away; a question fails at once and says so.
  await settings.read(targetId(text));
  const found = findTarget(text, await targetsWithSettings(settings));
  if (!found.ok) throw new CommandFailed(found.error);
  return { target: found.value, since, ...end };
}

/** The first call of `follow` holds the complete set. */
async function targetsWithSettings(settings: SettingStore): Promise<readonly TargetId[]> {
  const enough = new AbortController();
  let targets: readonly TargetId[] = [];
  await settings.follow((versions) => {
    if (!enough.signal.aborted) targets = versions.map(({ target }) => target);
    enough.abort();
  }, enough.signal);
  return targets;
}

function printJson(around: Surroundings): (record: AuditRecord) => void {
  return (record) => around.out(`${JSON.stringify(encodeAuditRecord(record))}\n`);
}

function printText(around: Surroundings): (record: AuditRecord) => void {
  const colors = around.terminal === undefined ? plainColors : terminalColors;
  return (record) => around.out(`${recordLines(record, colors).join('\n')}\n`);
}

function nothingText({ target, since, until }: AuditQuestion): string {
  const whose = target === undefined ? 'any target' : shortName(target);
  const end = until === undefined ? 'now' : formatInstant(until);
  return `No records of ${whose} from ${formatInstant(since)} to ${end}. A decision is on record when it acts, changes or every 15 minutes; look further back with --since.`;
}
