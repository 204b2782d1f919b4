import { after, isoOf } from '@headroom/core';
import type { AuditRecord, TargetId } from '@headroom/core';
import type { AuditLog } from '@headroom/ports';
import { Comparing, leadInMs } from '@headroom/scenario';
import type { ComparedSide, ComparedSpan, Comparison } from '@headroom/scenario';
import { CommandFailed } from '../command-failed.ts';
import { withStores } from '../connections.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { printable } from '../text/printable.ts';
import { shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';
import { colorsOf } from '../view/colors.ts';
import { comparisonLines } from '../view/comparison-lines.ts';
import { settingsFirst } from '../view/settings-first.ts';
import { questionOf, refuseEmptySpan } from './asked-span.ts';
import type { AskedSpan } from './asked-span.ts';

export interface CompareOptions extends Omit<AskedSpan, 'target'> {
  readonly data: string;
  readonly target: string;
  /** One of them; all when absent. */
  readonly shadow?: string;
  readonly timeZone: string;
  readonly json: boolean;
}

/** `headroom compare TARGET`. Record by record: the memory that it takes does not grow with them. */
export function compare(options: CompareOptions, around: Surroundings): Promise<ExitCode> {
  refuseEmptySpan(options, around.now());
  const { since: from, until = around.now(), timeZone } = options;
  const span = { from, until, timeZone };
  const comparing = comparingIn(span);
  return withStores(options.data, around, async ({ audit, settings }) => {
    const { target } = await questionOf(options, settings);
    if (target === undefined) throw new CommandFailed('a target is compared: name one');
    const names = new Set<string>();
    for await (const record of settingsFirst(recordsOf(audit, target, span))) {
      const shadow = record.kind === 'decision' ? record.decision.shadow : undefined;
      if (shadow !== undefined) names.add(shadow);
      if (shadow === undefined || shadow === (options.shadow ?? shadow)) comparing.take(record);
    }
    const comparison = comparing.finish();
    const isThere = options.shadow === undefined ? names.size > 0 : names.has(options.shadow);
    if (isThere) print(target, comparison, span, options.json, around);
    else around.err(`${nothingText(target, span, names, options.shadow)}\n`);
    return 0;
  });
}

function comparingIn(span: ComparedSpan): Comparing {
  try {
    return new Comparing(span);
  } catch (error) {
    const cause = { cause: error };
    throw new CommandFailed(
      `--time-zone: no zone ${span.timeZone} is known here: give IANA's name, such as Europe/Berlin`,
      cause,
    );
  }
}

/** Those a little before the span tell what was found at its begin. */
function recordsOf(
  audit: AuditLog,
  target: TargetId,
  { from, until }: ComparedSpan,
): AsyncIterable<AuditRecord> {
  return audit.query({ target, since: after(from, -leadInMs), until });
}

function print(
  target: TargetId,
  comparison: Comparison,
  span: ComparedSpan,
  json: boolean,
  around: Surroundings,
): void {
  const lines = json
    ? documentsOf(target, comparison).map((document) => JSON.stringify(document))
    : comparisonLines(target, comparison, span, colorsOf(around));
  for (const line of lines) around.out(`${printable(line)}\n`);
}

/** A line a day and side, then the sums. Instants in ISO 8601, durations in milliseconds. */
function documentsOf(target: TargetId, { days, total, versions }: Comparison): readonly object[] {
  return [
    ...days.flatMap(({ day, sides }) =>
      sides.map((side) => ({ kind: 'day', target, day, ...documentOf(side) })),
    ),
    ...total.map((side) => ({ kind: 'total', target, versions, ...documentOf(side) })),
  ];
}

function documentOf({ beside, ...side }: ComparedSide): object {
  if (beside === undefined) return side;
  const telling = beside.telling.map(({ from, until, inForce, shadow }) => ({
    ...{ from: isoOf(from), until: isoOf(until) },
    ...{ inForce: wantedDocument(inForce), shadow: wantedDocument(shadow) },
  }));
  return { ...side, beside: { ...beside, telling } };
}

function wantedDocument({ count, decision }: { count: number; decision: { id: string } }): object {
  return { count, decision: decision.id };
}

function nothingText(
  target: TargetId,
  { from, until }: ComparedSpan,
  names: ReadonlySet<string>,
  asked: string | undefined,
): string {
  const span = `${formatInstant(from)} to ${formatInstant(until)}`;
  if (asked !== undefined && names.size > 0) {
    return `No shadow ${asked} of ${shortName(target)} decided anything from ${span}: ${[...names].join(', ')} did.`;
  }
  return `No shadow of ${shortName(target)} decided anything from ${span}. "headroom shadow list" says which there are, "headroom shadow add" puts one beside the setting.`;
}
