import type { Instant } from '@headroom/core';
import type { AuditQuestion, SettingStore } from '@headroom/ports';
import { CommandFailed } from '../command-failed.ts';
import { knownSettings } from '../settings/known-settings.ts';
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

export async function questionOf(
  { target: text, since, until }: AskedSpan,
  settings: SettingStore,
): Promise<AuditQuestion> {
  const end = until === undefined ? {} : { until };
  if (text === undefined) return { since, ...end };
  // The records of a deleted setting are there still.
  const known = (await knownSettings(settings)).map((version) => version.target);
  const found = findTarget(text, known);
  if (!found.ok) throw new CommandFailed(found.error);
  return { target: found.value, since, ...end };
}
