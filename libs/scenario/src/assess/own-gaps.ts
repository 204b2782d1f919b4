import { durationText, isoOf } from '@headroom/core';
import type { AssessedHistory } from './assessed-history.ts';
import type { DataAge } from './age-of-data.ts';
import { formerThresholds, unloggedActions } from './own-metric-gaps.ts';

/** What an assessment leaves out, for a person. `unseen`: actions that were found while Azure was blind. */
export function ownGaps(
  assessed: AssessedHistory,
  { isAssumed }: DataAge,
  unseen: number,
): readonly string[] {
  return [
    ...(isAssumed
      ? ['no reading or action of Azure tells how old its data was: one minute is assumed']
      : []),
    ...early(assessed),
    ...edits(assessed),
    ...formerThresholds(assessed.history),
    ...unloggedActions(assessed.history),
    ...(unseen === 0
      ? []
      : [
          `${unseen === 1 ? '1 action that Headroom finds is' : `${unseen} actions that Headroom finds are`} left out: Azure said that it could not read a metric then, and nobody could have acted on it`,
        ]),
    ...(assessed.counts.changes.length === 0
      ? ['nobody recorded the count of instances: what would have been done cannot be told']
      : []),
  ];
}

function early({ operations, history, warmAt }: AssessedHistory): readonly string[] {
  const count = operations.filter(({ at }) => at < warmAt).length;
  if (count === 0) return [];
  const which = count === 1 ? '1 action' : `${count} actions`;
  return [
    `${which} of the first ${durationText(warmAt - history.from)} not judged: the windows behind begin before the history`,
  ];
}

function edits({
  history: { formerProfiles = [] },
  sameSince,
}: AssessedHistory): readonly string[] {
  if (formerProfiles.length === 0) return [];
  return [
    `the setting was edited after ${isoOf(sameSince)}: actions before are judged by the bounds and rules of then too; what Azure did not do is told from then on`,
  ];
}
