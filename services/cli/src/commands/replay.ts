import { placeOf } from '@headroom/core';
import type { AuditRecord } from '@headroom/core';
import { localEnvironment } from '@headroom/runtime';
import { replay as replayed } from '@headroom/scenario';
import type { CosmosStores } from '@headroom/azure-cosmos';
import { CommandFailed } from '../command-failed.ts';
import { openStores, silentLog } from '../connections.ts';
import { ReplayTally } from '../replay/replay-tally.ts';
import type { ReplayFinding } from '../replay/replay-tally.ts';
import { SettingsOnRecord } from '../replay/settings-on-record.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { findRecord } from '../text/find-record.ts';
import { findingLines, summaryLines } from '../view/replay-lines.ts';
import { askedRecords, questionOf, refuseEmptySpan } from './asked-span.ts';
import type { AskedSpan } from './asked-span.ts';

export interface ReplayOptions extends AskedSpan {
  readonly data: string;
  /** Of one decision, or how it begins; all of the span when absent. */
  readonly id?: string;
  /** Of the shadows of that name only. */
  readonly shadow?: string;
  readonly json: boolean;
}

/** `headroom replay [ID]`. Record by record: the memory that it takes does not grow with them. */
export async function replay(options: ReplayOptions, around: Surroundings): Promise<ExitCode> {
  refuseEmptySpan(options, around.now());
  const stores = await openStores(localEnvironment(options.data, around.env), silentLog);
  const print = printer(options.json, around);
  const tally = new ReplayTally();
  try {
    const settings = new SettingsOnRecord(stores.audit);
    for await (const record of recordsOf(options, stores)) {
      const finding = await findingOf(record, settings, options.shadow);
      if (finding === undefined) continue;
      tally.add(finding);
      print.finding(finding);
    }
  } finally {
    stores.close();
  }
  print.summary(tally);
  return tally.different > 0 ? 1 : 0;
}

async function* recordsOf(
  { id, ...span }: ReplayOptions,
  { audit, settings }: CosmosStores,
): AsyncIterable<AuditRecord> {
  if (id === undefined) {
    yield* askedRecords(audit, await questionOf(span, settings));
    return;
  }
  const record = await findRecord(id, audit);
  if (record.kind !== 'decision') {
    const { id: whole } = placeOf(record);
    throw new CommandFailed(`${whole} is no decision of ours but of kind ${record.kind}`);
  }
  yield record;
}

/** Nothing for a record that is no decision, or not of the shadow that was asked for. */
async function findingOf(
  record: AuditRecord,
  settings: SettingsOnRecord,
  shadow: string | undefined,
): Promise<ReplayFinding | undefined> {
  if (record.kind === 'setting') settings.keep(record.setting);
  if (record.kind !== 'decision') return undefined;
  const { decision } = record;
  if (shadow !== undefined && decision.shadow !== shadow) return undefined;
  const content = await settings.of(decision);
  if (content === undefined) return { kind: 'noSetting', decision };
  return { ...replayed(decision, content), decision };
}

function printer(json: boolean, around: Surroundings) {
  const out = (line: string) => around.out(`${line}\n`);
  if (json) {
    return {
      finding: (finding: ReplayFinding) => {
        if (finding.kind !== 'identical') out(JSON.stringify(documentOf(finding)));
      },
      summary: (tally: ReplayTally) => out(JSON.stringify({ kind: 'summary', ...tally.counts() })),
    };
  }
  return {
    finding: (finding: ReplayFinding) => findingLines(finding).forEach(out),
    summary: (tally: ReplayTally) => summaryLines(tally.counts()).forEach(out),
  };
}

function documentOf({ decision, ...finding }: ReplayFinding): object {
  const { id, target, at, setting, codeVersion } = decision;
  return { ...finding, id, target, at, setting, codeVersion };
}
