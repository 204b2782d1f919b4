import { minuteMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { TargetHistory } from '../history/target-history.ts';
import type { CapacityChangeAt } from '../simulate.ts';
import type { AzureOperation } from './azure-operations.ts';

/** How long after an operation the recorded counts may still show the one before: they come by the minute, and late. */
const settlingMs: Millis = 3 * minuteMs;

/** The counts of a target, and whose they are. */
export interface Counts {
  /** In force from each instant on, rising in time; an operation counts from its end. */
  readonly changes: readonly CapacityChangeAt[];
  /** Those of them that no operation of Azure's made. */
  readonly byHand: readonly CapacityChangeAt[];
}

/** What operations and recorded counts say together; of operations as far as they are on record. */
export function countsOf(history: TargetHistory, operations: readonly AzureOperation[]): Counts {
  const changes: CapacityChangeAt[] = [];
  const byHand: CapacityChangeAt[] = [];
  const put = (at: Instant, instances: number) => {
    if (changes.at(-1)?.instances !== instances) changes.push({ at, instances });
  };
  const first = history.capacities[0]?.instances ?? operations[0]?.from;
  if (first === undefined) return { changes, byHand };
  put(history.from, first);
  for (const one of inOrder(history, operations)) {
    if ('endsAt' in one) put(one.endsAt, one.failed ? one.from : one.to);
    else if (one.instances !== changes.at(-1)?.instances) {
      put(one.at, one.instances);
      byHand.push(one);
    }
  }
  return { changes, byHand };
}

/** Operations by their ends, and recorded counts that tell something of their own. */
function inOrder(
  { capacities }: TargetHistory,
  operations: readonly AzureOperation[],
): readonly (AzureOperation | CapacityChangeAt)[] {
  const own = capacities.filter((count) => !operations.some((one) => isOf(count, one)));
  const timeOf = (one: AzureOperation | CapacityChangeAt) =>
    'endsAt' in one ? one.endsAt : one.at;
  return [...operations, ...own].sort((a, b) => timeOf(a) - timeOf(b));
}

/** The minute in which the operation began may show its result already. */
function isOf({ at, instances }: CapacityChangeAt, operation: AzureOperation): boolean {
  if (at > operation.endsAt + settlingMs) return false;
  if (instances === operation.to) return at >= operation.at - (operation.at % minuteMs);
  return instances === operation.from && at > operation.at;
}

/** In force at an instant; `undefined` before the first. */
export function countAt(changes: readonly CapacityChangeAt[], at: Instant): number | undefined {
  return changes.findLast((change) => change.at <= at)?.instances;
}
