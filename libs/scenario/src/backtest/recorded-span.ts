import { failed, isoOf, latest, ok } from '@headroom/core';
import type { Instant, Result } from '@headroom/core';
import type { TargetHistory } from '../history/target-history.ts';
import { CapacityCurve } from './capacity-curve.ts';
import type { BacktestOptions } from './options.ts';

/** The part of a history that can be run, with the instances that there were. */
export interface RecordedSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly recorded: CapacityCurve;
  /** Where it begins. */
  readonly capacity: number;
  /** Whether the instances are on record, and not stated. */
  readonly isOnRecord: boolean;
}

/** What is asked for of the history, from where the instances are known. */
export function recordedSpan(
  { capacities, ...history }: TargetHistory,
  options: BacktestOptions,
): Result<RecordedSpan, string> {
  const from = latest(history.from, options.from ?? history.from);
  const to = Math.min(history.to, options.to ?? history.to) as Instant;
  const first = capacities[0];
  const isOnRecord = options.capacity === undefined;
  if (isOnRecord && first === undefined) {
    return failed(
      'the history does not say how many instances there were, and without that nothing is known of the load: give --capacity N where it was N all the time, or a history with the capacities',
    );
  }
  const changes = isOnRecord ? capacities : [{ at: from, instances: options.capacity }];
  const begin = latest(from, changes[0]?.at ?? from);
  if (begin >= to) {
    return failed(
      `the history has nothing between ${isoOf(from)} and ${isoOf(to)}; it reaches from ${isoOf(history.from)} to ${isoOf(history.to)}`,
    );
  }
  const recorded = new CapacityCurve(changes);
  const capacity = recorded.at(begin) ?? 0;
  return ok({ from: begin, to, recorded, capacity, isOnRecord });
}
