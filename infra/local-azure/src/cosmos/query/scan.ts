import { setImmediate } from 'node:timers/promises';
import type { Json, JsonObject } from '../../json.ts';
import { CosmosError } from '../errors.ts';
import type { Items, Position, Row } from '../items.ts';
import type { Scope } from '../partition-key.ts';
import { matches, valueAt } from './evaluate.ts';
import { compareText, compareValues } from './order.ts';
import type { Expression, Query } from './query.ts';

/** As the service: a query that takes longer is answered with 408. */
const QUERY_TIME_LIMIT_MS = 60_000;

export interface PageRequest {
  readonly query: Query;
  readonly scope: Scope;
  readonly pageSize: number;
  readonly continuation: string | undefined;
}

/** A place in the order of the results. */
export interface Place {
  readonly position: Position;
  readonly sortValues: readonly (Json | undefined)[];
}

export interface Match extends Place {
  /** The item as text, and parsed. */
  readonly text: string;
  readonly item: Json;
}

/** Feeds every match to `take` until it answers false; yields to other requests between slices. */
export async function scan(
  items: Items,
  request: PageRequest,
  start: Position | undefined,
  take: (match: Match) => boolean,
): Promise<void> {
  const { query, scope } = request;
  const id = constantId(query.where);
  const deadline = performance.now() + QUERY_TIME_LIMIT_MS;
  let after = start;
  for (;;) {
    const { rows, isLast } = items.slice(scope, after, id);
    for (const row of rows) {
      const match = toMatch(items, query, row);
      if (matches(query.where, match.item) && !take(match)) return;
    }
    after = rows.at(-1);
    if (isLast) return;
    if (performance.now() > deadline) throw timedOut();
    await setImmediate();
  }
}

export function toMatch(items: Items, query: Query, row: Row): Match {
  const text = items.text(row);
  const item = JSON.parse(text) as JsonObject;
  const sortValues = query.orderBy.map((order) => valueAt(item, order.path));
  return { position: { pk: row.pk, id: row.id }, sortValues, text, item };
}

export function orderOf(query: Query): (left: Place, right: Place) => number {
  return (left, right) => {
    for (const [index, { descending }] of query.orderBy.entries()) {
      const order = compareValues(left.sortValues[index], right.sortValues[index]);
      if (order !== 0) return descending ? -order : order;
    }
    const keys = compareText(left.position.pk, right.position.pk);
    return keys === 0 ? compareText(left.position.id, right.position.id) : keys;
  };
}

/** Only narrows the scan: the evaluator decides. `c.id = x` as a conjunct means no other id matches. */
function constantId(where: Expression | undefined): string | undefined {
  if (where?.kind === 'and') return constantId(where.left) ?? constantId(where.right);
  if (where?.kind !== 'compare' || where.operator !== '=') return undefined;
  const { left, right } = where;
  if (left.kind !== 'path' || left.path.length !== 1 || left.path[0] !== 'id') return undefined;
  return right.kind === 'constant' && typeof right.value === 'string' ? right.value : undefined;
}

function timedOut(): CosmosError {
  const limit = `${QUERY_TIME_LIMIT_MS / 1000} s`;
  return new CosmosError(408, 'RequestTimeout', `The query looked at too many items for ${limit}.`);
}
