import { placeOf } from '@headroom/core';
import type { AuditRecord, Instant, TargetId } from '@headroom/core';
import type { AuditLog, AuditQuestion, SettingStore } from '@headroom/ports';
import { knownSettings } from '@headroom/settings';
import { CommandFailed } from '../command-failed.ts';
import { targetsUnder, tellingOf } from '../settings/targets-under.ts';
import { findTarget } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';

/** The records that a person asks for. */
export interface AskedSpan {
  /** An ARM id or an ending of it; every target when absent. */
  readonly target?: string;
  readonly since: Instant;
  readonly until?: Instant;
}

export function refuseEmptySpan({ since, until }: AskedSpan, now: Instant): void {
  const end = until ?? now;
  if (since < end) return;
  const span = `${formatInstant(since)} to ${formatInstant(end)}`;
  throw new CommandFailed(`--since must lie before the end of the span: ${span} holds nothing`);
}

/** A span, and whose records of it. */
export interface AskedRecords extends Omit<AuditQuestion, 'target'> {
  /** The one that was named; every target when absent. */
  readonly target?: TargetId;
  /** It and others that tell about it. */
  readonly telling: readonly TargetId[];
}

export async function questionOf(
  { target: text, since, until }: AskedSpan,
  settings: SettingStore,
): Promise<AskedRecords> {
  const span = { since, ...(until === undefined ? {} : { until }) };
  if (text === undefined) return { ...span, telling: [] };
  // The records of a deleted setting are there still.
  const known = await knownSettings(settings);
  const found = findTarget(text, [...new Set(known.flatMap(targetsUnder))]);
  if (!found.ok) throw new CommandFailed(found.error);
  return { ...span, target: found.value, telling: tellingOf(found.value, known) };
}

/** In order of log time, oldest first; of one instant in the order of `telling`. */
export async function* askedRecords(
  audit: AuditLog,
  { telling, since, until }: AskedRecords,
): AsyncGenerator<AuditRecord, void> {
  const span = { since, ...(until === undefined ? {} : { until }) };
  const questions = telling.length === 0 ? [span] : telling.map((target) => ({ target, ...span }));
  const sources = questions.map((question) => audit.query(question)[Symbol.asyncIterator]());
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first = -1;
    for (const [index, head] of heads.entries()) {
      if (head.done !== true && atOf(head) < atOf(heads[first])) first = index;
    }
    const [source, head] = [sources[first], heads[first]];
    if (source === undefined || head === undefined || head.done === true) return;
    yield head.value;
    heads[first] = await source.next();
  }
}

function atOf(head: IteratorResult<AuditRecord, unknown> | undefined): number {
  return head === undefined || head.done === true ? Infinity : placeOf(head.value).at;
}
