import type { AuditRecord } from '@headroom/core';
import { localEnvironment } from '@headroom/runtime';
import { encodeAuditRecord } from '@headroom/wire';
import { openStores, silentLog } from '../connections.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { shortName } from '../text/target-name.ts';
import { printable } from '../text/printable.ts';
import { formatInstant } from '../text/when.ts';
import { plainColors, terminalColors } from '../view/colors.ts';
import { recordLines } from '../view/record-lines.ts';
import { settingsFirst } from '../view/settings-first.ts';
import { askedRecords, questionOf, refuseEmptySpan } from './asked-span.ts';
import type { AskedRecords, AskedSpan } from './asked-span.ts';

export interface AuditOptions extends AskedSpan {
  readonly data: string;
  /** The decisions of the shadows of that name; without one, nothing of shadows. */
  readonly shadow?: string;
  readonly json: boolean;
}

/** `headroom audit`. */
export async function audit(options: AuditOptions, around: Surroundings): Promise<ExitCode> {
  refuseEmptySpan(options, around.now());
  const stores = await openStores(localEnvironment(options.data, around.env), silentLog);
  try {
    const question = await questionOf(options, stores.settings);
    const print = options.json ? printJson(around) : printText(around);
    let [count, ofShadows] = [0, 0];
    for await (const record of settingsFirst(askedRecords(stores.audit, question))) {
      if (isAsked(record, options.shadow)) {
        print(record);
        count++;
      } else ofShadows++;
    }
    if (count === 0) around.err(`${nothingText(question, options.shadow)}\n`);
    if (options.shadow === undefined && ofShadows > 0) around.err(`${leftOutText(ofShadows)}\n`);
    return 0;
  } finally {
    stores.close();
  }
}

/** What a shadow would have done is no part of what was done; who asks for it asks for nothing else. */
function isAsked(record: AuditRecord, shadow: string | undefined): boolean {
  return (record.kind === 'decision' ? record.decision.shadow : undefined) === shadow;
}

function leftOutText(count: number): string {
  const what = count === 1 ? '1 decision of a shadow is' : `${count} decisions of shadows are`;
  return `${what} left out, for nobody carried them out: --shadow NAME shows them, "headroom compare" adds them up.`;
}

function printJson(around: Surroundings): (record: AuditRecord) => void {
  return (record) => around.out(`${printable(JSON.stringify(encodeAuditRecord(record)))}\n`);
}

function printText(around: Surroundings): (record: AuditRecord) => void {
  const colors = around.terminal === undefined ? plainColors : terminalColors;
  return (record) => around.out(`${recordLines(record, colors).join('\n')}\n`);
}

function nothingText({ target, since, until }: AskedRecords, shadow: string | undefined): string {
  const beside = target === undefined ? 'any target' : shortName(target);
  const whose = shadow === undefined ? beside : `a shadow ${shadow} beside ${beside}`;
  const end = until === undefined ? 'now' : formatInstant(until);
  return `No records of ${whose} from ${formatInstant(since)} to ${end}. A decision is on record when it acts, changes or every 15 minutes; look further back with --since.`;
}
