import { setImmediate } from 'node:timers/promises';
import type { JsonObject } from '../../json.ts';
import type { ItemReader, KeyedItem, StoredItem } from '../item-reader.ts';
import { isWithin } from '../partition-key.ts';
import type { Place } from './continuation.ts';
import type { IndexPlan, Plan, Question } from './plan/plan.ts';
import { keyBehind } from './plan/plan.ts';
import type { Work } from './work.ts';

/** An item that a scan came by. */
export interface Found {
  readonly stored: StoredItem;
  /** The item as text, and parsed. */
  readonly text: string;
  readonly item: JsonObject;
  /** Where the scan is. */
  readonly place: Place;
}

/** The first slice is small, since a page may need no more of it. */
const FIRST_SLICE_ROWS = 64;

/** Feeds every item that may match to `take` until it answers false; yields to other requests between slices. */
export async function scan(
  items: ItemReader,
  { question, plan, place }: { question: Question; plan: Plan; place: Place | undefined },
  work: Work,
  take: (found: Found) => boolean,
): Promise<void> {
  const { scope } = question;
  // SQLite looks at every key of the scope for the id, which the rows that come do not show.
  if (plan.kind === 'table' && plan.id !== undefined && scope.kind !== 'partition') {
    work.scanned += items.count(scope);
  }
  const slices =
    plan.kind === 'table'
      ? tableSlices(items, question, plan.id, place)
      : indexSlices(items, plan, place);
  for (const rows of slices) {
    for (const { stored, place: at } of rows) {
      work.scanned += 1;
      if (!items.isLive(stored) || !isWithin(scope, stored.pk)) continue;
      work.begin();
      if (!take(toFound(items, stored, at))) return;
    }
    work.checkTime();
    await setImmediate();
  }
}

export function toFound(items: ItemReader, stored: StoredItem, place: Place): Found {
  const text = items.text(stored);
  return { stored, text, item: JSON.parse(text) as JsonObject, place };
}

interface Placed {
  readonly stored: StoredItem;
  readonly place: Place;
}

function* tableSlices(
  items: ItemReader,
  { scope }: Question,
  id: string | undefined,
  place: Place | undefined,
): Generator<readonly Placed[]> {
  let after = place?.kind === 'table' ? place : undefined;
  for (;;) {
    const { rows, isLast } = items.slice(scope, after, id);
    yield rows.map((stored) => ({ stored, place: tablePlace(stored) }));
    const last = rows.at(-1);
    if (isLast || last === undefined) return;
    after = tablePlace(last);
  }
}

const tablePlace = ({ pk, id }: StoredItem): Extract<Place, { kind: 'table' }> => ({
  kind: 'table',
  pk,
  id,
});

function* indexSlices(
  items: ItemReader,
  plan: IndexPlan,
  place: Place | undefined,
): Generator<readonly Placed[]> {
  const { index, backwards } = plan;
  const ranges = backwards ? [...plan.ranges].reverse() : plan.ranges;
  let after = startOf(plan, place);
  let most = FIRST_SLICE_ROWS;
  for (const range of ranges) {
    for (;;) {
      const { rows, isLast } = items.indexSlice(index, range, after, backwards, most);
      if (rows.length > 0)
        yield rows.map((stored) => ({ stored, place: indexPlace(plan, stored) }));
      after = rows.at(-1)?.key ?? after;
      if (isLast) break;
      most *= 2;
    }
  }
}

function startOf(plan: IndexPlan, place: Place | undefined): Uint8Array | undefined {
  if (place?.kind === 'sort') return keyBehind(plan, place.sort);
  return place?.kind === 'index' ? place.key : undefined;
}

const indexPlace = ({ index }: IndexPlan, { key }: KeyedItem): Place => ({
  kind: 'index',
  m: index.m,
  key: Buffer.from(key),
});
