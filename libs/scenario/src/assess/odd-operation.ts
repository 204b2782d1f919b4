import type { Millis } from '@headroom/core';
import type { AssessedHistory } from './assessed-history.ts';
import type { AzureOperation } from './azure-operations.ts';
import type { Found } from './findings.ts';
import type { RuleValues } from './rule-values.ts';

/** An operation of Azure's that Headroom did not find by itself when Azure began it. */
export interface OddOperation {
  readonly assessed: AssessedHistory;
  readonly operation: AzureOperation;
  readonly before?: AzureOperation;
  /** The cooldown of the rule that won before, where that is known. */
  readonly lastCooldownMs?: Millis;
  readonly dataAgeMs: Millis;
  readonly values: RuleValues;
  /** The same action, found when Azure began but long before too. */
  readonly early?: Found;
}
