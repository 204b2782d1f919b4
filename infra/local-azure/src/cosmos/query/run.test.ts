import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../json.ts';
import { Sqlite } from '../../sqlite.ts';
import { Catalog, schema } from '../catalog.ts';
import type { Component } from '../item-index/index-key.ts';
import type { ItemIndex } from '../item-index/item-indexes.ts';
import { ItemIndexes } from '../item-index/item-indexes.ts';
import { valueAt } from '../item-index/index-key.ts';
import type { StoredItem } from '../item-reader.ts';
import { Items } from '../items.ts';
import { isWithin, keyOf, scopeOf } from '../partition-key.ts';
import { itemRow, project, rowsOf } from './evaluate.ts';
import { canonical, compareValues } from './order.ts';
import { parseQuery } from './parse.ts';
import { choosePlan } from './plan/plan.ts';
import type { Query, Value } from './query.ts';
import { runQuery } from './run.ts';
import { Work } from './work.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(60_000);

const number = fc.constantFrom(
  ...[0, -0, 1, -1, 2, 0.5, 1e308, -1e308, 5e-324, 2 ** 53, 2 ** 53 + 2, 1e21],
);
const text = fc.constantFrom(
  ...['', 'a', 'b', 'ab', 'ä', '\u0000', 'a\u0000', '\u0001', '\uffff', '😀', '\ud83d', 'é', "'"],
);
const scalar = fc.oneof(number, text, fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.record({ x: scalar }) },
);
const item = fc.record(
  {
    id: fc.constantFrom('1', '2', '3', '10', 'x'),
    p: fc.constantFrom('a', 'b', 'a"'),
    q: fc.constantFrom<Json>('m', 'n', 1),
    v: value,
    w: value,
    o: fc.record({ x: value }),
  },
  { requiredKeys: ['id', 'p'] },
) as fc.Arbitrary<JsonObject>;

const path = fc.constantFrom('c.v', 'c.w', 'c.o.x', 'c.id', 'c.p');
const literal = fc
  .oneof(scalar, fc.constantFrom<Json>([1], { x: 1 }))
  .map((each) => JSON.stringify(each));
const comparison = fc
  .tuple(path, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), literal, fc.boolean())
  .map(([at, operator, other, turned]) =>
    turned ? `${other} ${operator} ${at}` : `${at} ${operator} ${other}`,
  );
const condition: fc.Arbitrary<string> = fc.letrec<{ any: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    { weight: 4, arbitrary: comparison },
    fc
      .tuple(path, fc.array(literal, { minLength: 1, maxLength: 4 }))
      .map(([at, list]) => `${at} IN (${list.join()})`),
    fc.tuple(path, literal, literal).map(([at, low, high]) => `${at} BETWEEN ${low} AND ${high}`),
    fc.tuple(path, text).map(([at, start]) => `STARTSWITH(${at}, ${JSON.stringify(start)})`),
    path.map((at) => `IS_DEFINED(${at})`),
    path,
    fc.constant('EXISTS(SELECT VALUE t FROM t IN c.v WHERE t = 1)'),
  ),
  any: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.tuple(tie('any'), tie('any')).map(([left, right]) => `(${left} AND ${right})`),
    fc.tuple(tie('any'), tie('any')).map(([left, right]) => `(${left} OR ${right})`),
    tie('any').map((each) => `NOT (${each})`),
  ),
})).any;
const where = fc.option(condition, { nil: undefined });
const order = fc.array(fc.tuple(path, fc.constantFrom('ASC', 'DESC')), { maxLength: 2 });
const limit = fc.constantFrom('', '', 'OFFSET 0 LIMIT 3', 'OFFSET 2 LIMIT 5');
const key = fc.constantFrom(undefined, '["a"]', '["a\\""]', '["a","m"]', '["b",1]', '["b",{}]');
const from = fc.constantFrom('FROM c', 'FROM c', 'FROM c JOIN t IN c.v');

const paths = [['v'], ['w'], ['o', 'x'], ['id'], ['p'], ['q']];
const component = fc.record({ path: fc.constantFrom(...paths), descending: fc.boolean() });
const scoped = fc.constantFrom<Component[]>(
  [],
  [{ path: ['p'], descending: false }],
  [
    { path: ['p'], descending: false },
    { path: ['q'], descending: true },
  ],
);
const indexed = fc
  .tuple(scoped, fc.array(component, { minLength: 1, maxLength: 2 }))
  .map(([first, rest]) => [...first, ...rest]);

const question = fc.record({
  from,
  where,
  order,
  limit,
  key,
  pageSize: fc.integer({ min: 1, max: 6 }),
  indexes: fc.array(indexed, { maxLength: 4 }),
});

test('an item that moves during a scan takes no other item out of the pages', async () => {
  const sqlite = new Sqlite(':memory:', schema);
  const indexes = new ItemIndexes(sqlite);
  const catalog = new Catalog(sqlite, () => 0, indexes);
  catalog.createDatabase({ id: 'd' });
  const partitionKey = { paths: ['/p'], kind: 'Hash', version: 2 };
  const container = catalog.createContainer('d', { id: 'c', partitionKey });
  const items = new Items(sqlite, container, () => 0, indexes);
  for (let v = 0; v < 1_200; v++) items.create('["a"]', { id: String(v), p: 'a', v });
  const { keyPaths } = container;
  const query = parseQuery('SELECT VALUE c.id FROM c ORDER BY c.v', new Map());
  const asked = { query, question: { query, scope: scopeOf('["a"]', keyPaths), keyPaths } };
  const page = (continuation: string | undefined) =>
    runQuery(items, { ...asked, indexes: [], pageSize: 3, continuation });
  const first = page(undefined);
  // The scan has looked at it, in its first slice, and waits for its turn.
  items.upsert('["a"]', { id: '2', p: 'a', v: 5_000 }, {});
  expect((await first).results).toEqual(['"0"', '"1"', '"2"']);
  const second = await page((await first).continuation);
  expect(second.results).toEqual(['"3"', '"4"', '"5"']);
  sqlite.close();
});

test('a query gives the same with and without indexes, in pages of any size, as filtering and sorting everything', async () => {
  const property = fc.asyncProperty(
    fc.array(item, { maxLength: 25 }),
    fc.array(fc.tuple(fc.nat(24), item), { maxLength: 6 }),
    question,
    async (documents, changes, asked) => {
      const world = new World(documents.slice(0, 12), asked.indexes);
      // Some before an index is built, half while it is, the rest afterwards.
      world.write(documents.slice(12));
      world.build();
      world.change(changes);
      const query = parseQuery(textOf(asked), new Map());
      const expected = world.naively(query, asked.key);
      const ordered = query.orderBy.length > 0;
      const complete = world.indexes.complete(world.container.n);
      // An order goes on whether or not an index came meanwhile; another scan stays with its way.
      const changing = ordered ? [[complete, []]] : [];
      for (const indexes of [[[]], [complete], ...changing]) {
        const found = await world.allPages(query, asked.key, asked.pageSize, indexes);
        if (ordered) expect(found).toEqual(expected);
        else if (query.limit === undefined)
          expect(found.map(canonical).sort()).toEqual(expected.map(canonical).sort());
        else expect(found.length).toBe(expected.length);
      }
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test('what is deleted between two pages is missing from the later ones, and nothing else is', async () => {
  const property = fc.asyncProperty(
    fc.array(item, { minLength: 3, maxLength: 20 }),
    question,
    fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
    async (documents, asked, victims) => {
      const world = new World(documents, asked.indexes);
      world.build();
      const query = parseQuery(textOf({ ...asked, from: 'FROM c', limit: '' }), new Map());
      const expected = world.naively(query, asked.key);
      const gone = new Set<string>();
      const found = await world.allPages(
        query,
        asked.key,
        asked.pageSize,
        [world.indexes.complete(world.container.n)],
        (given) => {
          const left = expected
            .map(canonical)
            .filter((each) => !given.has(each) && !gone.has(each));
          const victim = left[(victims[given.size % 20] ?? 0) % Math.max(1, left.length)];
          if (victim !== undefined) gone.add(victim);
          if (victim !== undefined) world.remove(JSON.parse(victim) as JsonObject);
        },
      );
      const kept = expected.filter((each) => !gone.has(canonical(each)));
      expect(found.map(canonical).sort()).toEqual(kept.map(canonical).sort());
      if (query.orderBy.length > 0) expect(found).toEqual(kept);
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

test.each([
  ['SELECT * FROM c WHERE c.v = 1', '["a","m"]', 1],
  ['SELECT * FROM c WHERE c.v > 1 ORDER BY c.v DESC', '["a","m"]', 1],
  ['SELECT * FROM c WHERE c.w = 1 AND c.v > 1 ORDER BY c.v', undefined, 2],
  ['SELECT * FROM c WHERE STARTSWITH(c.w, "a")', undefined, 2],
  ['SELECT * FROM c WHERE c.id = "1"', undefined, undefined],
  ['SELECT * FROM c ORDER BY c.o', undefined, undefined],
])('the index that %s uses', (sql, pk, m) => {
  const world = new World(
    [],
    [
      [...['p', 'q', 'v'].map((name) => ({ path: [name], descending: false }))],
      [...['w', 'v'].map((name) => ({ path: [name], descending: true }))],
    ],
  );
  world.build();
  const asked = world.question(parseQuery(sql, new Map()), pk);
  const plan = choosePlan(asked, world.indexes.complete(world.container.n));
  expect(plan.kind === 'index' ? plan.index.m : undefined).toBe(m);
});

test('SQLite reads a page of an index from its place in it, and sorts nothing', () => {
  const sqlite = new Sqlite(':memory:', schema);
  const indexes = new ItemIndexes(sqlite);
  const catalog = new Catalog(sqlite, () => 0, indexes);
  catalog.createDatabase({ id: 'd' });
  const container = catalog.createContainer('d', { id: 'c', partitionKey: { paths: ['/p'] } });
  indexes.request(container.n, [{ path: ['v'], descending: false }]);
  const sql = `EXPLAIN QUERY PLAN SELECT i.key AS key, t.* FROM index_1 i CROSS JOIN items_1 t
    ON t.n = i.n WHERE i.key > ? AND i.key < ? ORDER BY i.key DESC LIMIT ?`;
  const steps = sqlite.all<{ detail: string }>(sql, Buffer.of(1), Buffer.of(2), 5);
  expect(steps.map(({ detail }) => detail)).toEqual([
    'SEARCH i USING PRIMARY KEY (key>? AND key<?)',
    'SEARCH t USING INTEGER PRIMARY KEY (rowid=?)',
  ]);
});

function textOf(asked: {
  from: string;
  where: string | undefined;
  order: [string, string][];
  limit: string;
}): string {
  const parts = [
    'SELECT VALUE {"id": c.id, "p": c.p, "q": c.q',
    asked.from.includes('JOIN') ? ', "t": t}' : '}',
    asked.from,
  ];
  if (asked.where !== undefined) parts.push(`WHERE ${asked.where}`);
  if (asked.order.length > 0)
    parts.push(`ORDER BY ${asked.order.map((each) => each.join(' ')).join()}`);
  return [...parts, asked.limit].join(' ');
}

class World {
  readonly sqlite = new Sqlite(':memory:', schema);
  readonly indexes = new ItemIndexes(this.sqlite);
  readonly container;
  readonly items: Items;

  constructor(documents: readonly JsonObject[], indexes: readonly (readonly Component[])[]) {
    const catalog = new Catalog(this.sqlite, () => 0, this.indexes);
    catalog.createDatabase({ id: 'd' });
    const partitionKey = { paths: ['/p', '/q'] };
    this.container = catalog.createContainer('d', { id: 'c', partitionKey });
    this.items = new Items(this.sqlite, this.container, () => 0, this.indexes);
    this.write(documents);
    for (const components of indexes) this.indexes.request(this.container.n, components);
  }

  write(documents: readonly JsonObject[]): void {
    for (const document of documents) this.items.upsert(this.keyOf(document), document, {});
  }

  build(): void {
    while (this.indexes.unfinished() !== undefined) {
      this.indexes.build(this.container.n, (after, most) => this.items.numbered(after, most));
    }
  }

  /** Deletes some, replaces others. */
  change(changes: readonly [number, JsonObject][]): void {
    for (const [at, document] of changes) {
      const victim = this.stored()[at];
      if (victim !== undefined) this.items.remove(victim.pk, victim.id, {});
      this.write([document]);
    }
  }

  remove(document: JsonObject): void {
    this.items.remove(this.keyOf(document), document['id'] as string, {});
  }

  question(query: Query, pk: string | undefined) {
    const { keyPaths } = this.container;
    return { query, scope: scopeOf(pk, keyPaths), keyPaths };
  }

  async allPages(
    query: Query,
    pk: string | undefined,
    pageSize: number,
    indexes: readonly (readonly ItemIndex[])[],
    between: (given: ReadonlySet<string>) => void = () => undefined,
  ): Promise<Json[]> {
    const found: Json[] = [];
    let continuation: string | undefined;
    const asked = { query, question: this.question(query, pk), pageSize };
    let pages = 0;
    do {
      const known = indexes[pages % indexes.length] ?? [];
      const page = await runQuery(this.items, { ...asked, indexes: known, continuation });
      pages += 1;
      expect(page.results.length).toBeLessThanOrEqual(pageSize);
      found.push(...page.results.map((each) => JSON.parse(each) as Json));
      ({ continuation } = page);
      between(new Set(found.map(canonical)));
    } while (continuation !== undefined);
    return found;
  }

  naively(query: Query, pk: string | undefined): Json[] {
    const scope = scopeOf(pk, this.container.keyPaths);
    const kept = this.stored().filter((each) => isWithin(scope, each.pk));
    kept.sort((left, right) => this.compare(query, left, right));
    const results = kept.flatMap((each) => {
      const row = itemRow(JSON.parse(each.body) as Json, new Work());
      return [...rowsOf(query, row)].map((one) => project(query, one) as Json);
    });
    return results.slice(query.offset, query.offset + (query.limit ?? results.length));
  }

  private compare(query: Query, left: StoredItem, right: StoredItem): number {
    const at = (stored: StoredItem, of: Component['path']): Value =>
      valueAt(JSON.parse(stored.body) as JsonObject, of);
    for (const { path: of, descending } of query.orderBy) {
      const result = compareValues(at(left, of), at(right, of));
      if (result !== 0) return descending ? -result : result;
    }
    return query.orderBy.at(-1)?.descending === true ? right.n - left.n : left.n - right.n;
  }

  private stored(): readonly StoredItem[] {
    return this.sqlite.all<StoredItem>(`SELECT * FROM items_${this.container.n} ORDER BY n`);
  }

  private keyOf(document: JsonObject): string {
    return keyOf(document, this.container.keyPaths);
  }
}
