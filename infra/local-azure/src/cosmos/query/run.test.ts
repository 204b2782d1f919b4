import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../json.ts';
import { Sqlite } from '../../sqlite.ts';
import type { Container } from '../catalog.ts';
import { Catalog, schema } from '../catalog.ts';
import { Items } from '../items.ts';
import { keyOf, scopeOf } from '../partition-key.ts';
import { matches, valueAt } from './evaluate.ts';
import { compareText, compareValues } from './order.ts';
import { parseQuery } from './parse.ts';
import type { Query } from './query.ts';
import { runQuery } from './run.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(60_000);

const value = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom('a', 'b', 'ab', 'ä', ''),
  fc.boolean(),
  fc.constant(null),
);
const item = fc.record(
  {
    id: fc.constantFrom('1', '2', '3', '10', 'x'),
    p: fc.constantFrom('a', 'b', 'a"'),
    q: fc.constantFrom('m', 'n', 1),
    v: value,
    w: value,
  },
  { requiredKeys: ['id', 'p'] },
);
const condition = fc.constantFrom(
  '',
  'WHERE c.v > 0',
  "WHERE c.id = '1'",
  "WHERE c.id = '1' AND c.v != 1",
  "WHERE c.id = '1' OR c.w >= 'a'",
  "WHERE NOT (c.id = '1')",
  "WHERE c.v IN (1, 'a', null) AND IS_DEFINED(c.w)",
  "WHERE STARTSWITH(c.v, 'a') OR c.w",
);
const order = fc.constantFrom(
  '',
  'ORDER BY c.v',
  'ORDER BY c.v DESC, c.w',
  'ORDER BY c.w, c.id DESC',
);
const limit = fc.constantFrom('', 'OFFSET 0 LIMIT 3', 'OFFSET 2 LIMIT 5');
const scope = fc.constantFrom(undefined, '["a"]', '["a\\""]', '["a","m"]', '["b",1]', '["b",{}]');

test('a query gives what filtering and sorting everything gives, in pages of any size', async () => {
  const property = fc.asyncProperty(
    fc.array(item, { maxLength: 25 }),
    fc.tuple(condition, order, limit),
    scope,
    fc.integer({ min: 1, max: 6 }),
    async (documents, clauses, key, pageSize) => {
      const { items, container, stored } = load(documents);
      const query = parseQuery(`SELECT VALUE c.id FROM c ${clauses.join(' ')}`, new Map());
      const found = await allPages(items, container, query, key, pageSize);
      expect(found).toEqual(naively(stored, container, query, key));
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

function load(documents: readonly JsonObject[]) {
  const sqlite = new Sqlite(':memory:', schema);
  const catalog = new Catalog(sqlite, () => 0);
  catalog.createDatabase({ id: 'd' });
  const partitionKey = { paths: ['/p', '/q'] };
  const container = catalog.createContainer('d', { id: 'c', partitionKey });
  const items = new Items(sqlite, container, () => 0);
  const stored = new Map<string, JsonObject>();
  for (const document of documents) {
    const pk = keyOf(document, container.keyPaths);
    items.upsert(pk, document, {});
    stored.set(`${pk} ${idOf(document)}`, document);
  }
  return { items, container, stored: [...stored.values()] };
}

async function allPages(
  items: Items,
  container: Container,
  query: Query,
  key: string | undefined,
  pageSize: number,
): Promise<Json[]> {
  const found: Json[] = [];
  let continuation: string | undefined;
  do {
    const scoped = scopeOf(key, container.keyPaths);
    const page = await runQuery(items, { query, scope: scoped, pageSize, continuation });
    found.push(...page.results.map((text) => JSON.parse(text) as Json));
    ({ continuation } = page);
  } while (continuation !== undefined);
  return found;
}

function naively(
  documents: readonly JsonObject[],
  container: Container,
  query: Query,
  key: string | undefined,
): (Json | undefined)[] {
  const wanted = key === undefined ? [] : (JSON.parse(key) as Json[]);
  const keyed = documents.map((document) => {
    const pk = keyOf(document, container.keyPaths);
    return { document, pk, parts: JSON.parse(pk) as Json[] };
  });
  const kept = keyed
    .filter(({ parts }) =>
      wanted.every((each, i) => JSON.stringify(each) === JSON.stringify(parts[i])),
    )
    .filter(({ document }) => matches(query.where, document));
  kept.sort((left, right) => {
    for (const { path, descending } of query.orderBy) {
      const sign = descending ? -1 : 1;
      const result =
        sign * compareValues(valueAt(left.document, path), valueAt(right.document, path));
      if (result !== 0) return result;
    }
    const keys = compareText(left.pk, right.pk);
    return keys === 0 ? compareText(idOf(left.document), idOf(right.document)) : keys;
  });
  const end = query.offset + (query.limit ?? kept.length);
  return kept.slice(query.offset, end).map(({ document }) => document['id']);
}

const idOf = (document: JsonObject): string => JSON.stringify(document['id']);
