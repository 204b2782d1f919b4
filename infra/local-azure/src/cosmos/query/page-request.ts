import type { ItemIndex } from '../item-index/item-indexes.ts';
import type { Question } from './plan/plan.ts';
import type { Query } from './query.ts';

/** A page of a query's results, as it is asked for. */
export interface PageRequest {
  readonly query: Query;
  readonly question: Question;
  /** Those that may be used. */
  readonly indexes: readonly ItemIndex[];
  readonly pageSize: number;
  readonly continuation: string | undefined;
}
