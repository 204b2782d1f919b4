import type { Decision } from '@headroom/core';
import { matchMs } from './assessed-history.ts';
import type { AssessedHistory, Variation } from './assessed-history.ts';
import type { AzureOperation } from './azure-operations.ts';
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
  const same = watch.actions.find((found) => isSameAction(found, operation));
  const open = watch.actions.find((found) => isOpen(found, operation));
  return {
    ...(same === undefined ? {} : { same }),
    ...(open === undefined ? {} : { open }),
    ...(watch.then === undefined ? {} : { then: watch.then }),
  };
}

/** Direction and count, and first found within a minute of it. */
function isSameAction(found: Found, operation: AzureOperation): boolean {
  return Math.abs(found.since - operation.at) <= matchMs && isOpen(found, operation);
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
