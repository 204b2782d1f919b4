import { PartitionFold } from '@headroom/core';
import type { JudgeFunction, FoldIdentity, FoldSnapshot } from '@headroom/core';
import type { OwnedPartition } from '@headroom/ports';

/** Where a partition's fold begins, and up to where what it decides was published by somebody before. */
export interface Recovered {
  readonly fold: PartitionFold;
  /** Decisions at or before this sequence are folded and not published. */
  readonly muteThrough: number;
  readonly cold: ColdStart | undefined;
}

/** The log before the fold's begin is gone: what happened in it is not known. */
export interface ColdStart {
  readonly reason: string;
}

/**
 * With a snapshot S at or before the checkpoint C: fold S → C muted, then publish. Without one but with the whole log:
 * fold it from its begin. Otherwise it is a cold start: re-read what there is, publish only past the log's end.
 */
export function recover(
  identity: FoldIdentity,
  owned: OwnedPartition,
  snapshot: FoldSnapshot | undefined,
  judge?: JudgeFunction,
): Recovered {
  const checkpoint = owned.checkpoint ?? -1;
  if (snapshot !== undefined && snapshot.sequence + 1 >= owned.firstSequence) {
    const fold = PartitionFold.restore(identity, snapshot, judge);
    return { fold, muteThrough: checkpoint, cold: undefined };
  }
  if (owned.firstSequence <= 0) {
    const fold = new PartitionFold(identity, -1, judge);
    return { fold, muteThrough: checkpoint, cold: undefined };
  }
  const reason = `no usable snapshot, and the log begins at ${owned.firstSequence}`;
  return coldStart(identity, owned, owned.firstSequence, reason, judge);
}

/** Begins anew at `first`: what was in flight is not assumed, capacities are observed, cooldowns start now. */
export function coldStart(
  identity: FoldIdentity,
  owned: OwnedPartition,
  first: number,
  reason: string,
  judge?: JudgeFunction,
): Recovered {
  const fold = new PartitionFold(identity, first - 1, judge, true);
  const muteThrough = Math.max(owned.checkpoint ?? -1, owned.lastSequence);
  return { fold, muteThrough, cold: { reason } };
}
