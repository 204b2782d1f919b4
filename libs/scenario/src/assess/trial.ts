import type { Decision } from '@headroom/core';
import { matchMs } from './assessed-history.ts';
import type { AssessedHistory, Variation } from './assessed-history.ts';
import type { AzureOperation } from './azure-operations.ts';
import { countAt } from './counts.ts';
import { Findings, isAction } from './findings.ts';
import type { Found } from './findings.ts';

/** What comes out around one operation of Azure's under stated circumstances. */
export interface Trial {
  /** The same direction and count, found first within a minute of Azure. */
  readonly same?: Found;
  /** The same, when Azure began, since whenever. */
  readonly open?: Found;
  /** What was found or held when Azure began, with every input. */
  readonly then?: Decision;
}

export function tryOperation(
  assessed: AssessedHistory,
  operation: AzureOperation,
  variation: Variation,
): Trial {
  const watch = new FindingsAround(operation);
  assessed.tryAround(operation, variation, watch);
  // A count that is not on record is put in just before: what was found at the one that is may not begin anew with it.
  const isOnRecord = countAt(assessed.counts.changes, operation.at) === operation.from;
  const same = watch.actions.find((found) => {
    const since = isOnRecord ? found.since : found.directionSince;
    return Math.abs(since - operation.at) <= matchMs && isOpen(found, operation);
  });
  const open = watch.actions.find((found) => isOpen(found, operation));
  return {
    ...(same === undefined ? {} : { same }),
    ...(open === undefined ? {} : { open }),
    ...(watch.then === undefined ? {} : { then: watch.then }),
  };
}

/** Direction and count, found within a minute of it. */
export function isOpen({ decision, since, until }: Found, operation: AzureOperation): boolean {
  const { at } = operation;
  return since <= at + matchMs && until >= at - matchMs && isAction(decision, operation);
}

/** Keeps what was last found in words before Azure began. */
class FindingsAround extends Findings {
  readonly #operation: AzureOperation;
  then: Decision | undefined;

  constructor(operation: AzureOperation) {
    super();
    this.#operation = operation;
  }

  override found(decision: Decision): void {
    if (decision.at <= this.#operation.at) this.then = decision;
    super.found(decision);
  }

  override held(...[judgement, inWords]: Parameters<Findings['held']>): void {
    const leftMs = this.#operation.at - judgement.now;
    if (leftMs >= 0 && leftMs <= 2 * matchMs) this.then = inWords();
    super.held(judgement, inWords);
  }
}
