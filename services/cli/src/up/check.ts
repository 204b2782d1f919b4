import { amountText, type AuditRecord, type Outcome, type TargetId } from '@headroom/core';
import { shortName } from '../text/target-name.ts';

/** What is known at the end of a run. */
export interface Findings {
  /** Everything on record, of one target. */
  readonly records: readonly AuditRecord[];
  readonly target: TargetId;
  /** What it has; absent when that could not be read. */
  readonly capacity?: number;
}

/**
 * The invariants that must hold when nothing is running any more: each action has exactly one decision record and exactly
 * one outcome, the target has what was applied last, and nothing diverged. In words; empty when they hold.
 */
export function brokenInvariants({ records, target, capacity }: Findings): readonly string[] {
  const commands = records.flatMap(commandIdOf);
  const outcomes = records.flatMap((record) => (record.kind === 'outcome' ? record.outcome : []));
  const answered = outcomes.map((outcome) => outcome.commandId);
  return [
    ...repeated(commands).map((id) => `action ${id} has more than one decision record`),
    ...repeated(answered).map((id) => `action ${id} has more than one outcome`),
    ...without(commands, answered).map((id) => `action ${id} has no outcome`),
    ...without(answered, commands).map((id) => `the outcome of ${id} has no decision record`),
    ...records.flatMap(divergenceText),
    ...capacityProblem(outcomes, target, capacity),
  ];
}

function commandIdOf(record: AuditRecord): readonly string[] {
  if (record.kind === 'external') return [record.command.id];
  return record.kind === 'decision' && record.command !== undefined ? [record.command.id] : [];
}

function divergenceText(record: AuditRecord): readonly string[] {
  if (record.kind !== 'divergence') return [];
  return [`record ${record.divergence.recordId} came with two contents`];
}

function capacityProblem(
  outcomes: readonly Outcome[],
  target: TargetId,
  capacity: number | undefined,
): readonly string[] {
  const last = lastApplied(outcomes);
  if (last === undefined || capacity === last.to) return [];
  const name = shortName(target);
  if (capacity === undefined) return [`the capacity of ${name} could not be read`];
  const has = amountText(target, capacity);
  return [`${name} has ${has}, but ${last.to} were applied last (${last.commandId})`];
}

/** Of two that were applied at one moment the later in the log counts. */
function lastApplied(outcomes: readonly Outcome[]): Outcome | undefined {
  const applied = outcomes.filter(({ kind }) => kind === 'Applied');
  return applied.toSorted((a, b) => a.at - b.at || sequenceOf(a) - sequenceOf(b)).at(-1);
}

function sequenceOf({ source }: Outcome): number {
  return source.kind === 'log' ? source.position.sequence : -1;
}

function repeated(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

function without(ids: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return [...new Set(ids)].filter((id) => !known.has(id));
}
