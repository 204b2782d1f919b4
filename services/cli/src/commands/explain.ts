import { explain as explained, outcomeId } from '@headroom/core';
import type { AuditRecord, Decision } from '@headroom/core';
import type { AuditLog } from '@headroom/ports';
import { localEnvironment } from '@headroom/runtime';
import { openStores, silentLog } from '../connections.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { findRecord } from '../text/find-record.ts';
import { plainColors, terminalColors } from '../view/colors.ts';
import type { Colors } from '../view/colors.ts';
import { explanationLines } from '../view/explanation-lines.ts';
import { recordLines } from '../view/record-lines.ts';

export interface ExplainOptions {
  readonly data: string;
}

/** `headroom explain ID`. */
export async function explain(
  id: string,
  options: ExplainOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const stores = await openStores(localEnvironment(options.data, around.env), silentLog);
  try {
    const colors = around.terminal === undefined ? plainColors : terminalColors;
    const record = await findRecord(id, stores.audit);
    around.out(`${(await linesOf(record, stores.audit, colors)).join('\n')}\n`);
    return 0;
  } finally {
    stores.close();
  }
}

/** A record that is no decision of ours says itself what there is to say. */
async function linesOf(record: AuditRecord, audit: AuditLog, colors: Colors) {
  if (record.kind !== 'decision') return recordLines(record, colors);
  const { decision } = record;
  const setting = await audit.settingOf(decision);
  const explanation = explained(decision, setting?.version.content);
  return [
    ...explanationLines(explanation, colors),
    ...(await outcomeLines(decision, audit, colors)),
  ];
}

/** What became of an action, where that is known by now. */
async function outcomeLines({ id, outcome, mode }: Decision, audit: AuditLog, colors: Colors) {
  if (outcome === 'Hold' || mode !== 'act') return [];
  const found = await audit.find(outcomeId(id));
  const lines = found.flatMap((record) => recordLines(record, colors));
  const told = lines.length === 0 ? ['no outcome is on record yet'] : lines;
  return ['', colors.bold('What became of it'), ...told.map((line) => `  ${line}`)];
}
