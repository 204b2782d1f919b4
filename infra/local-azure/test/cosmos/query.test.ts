import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Container, FeedOptions, SqlParameter } from '@azure/cosmos';
import { PartitionKeyKind } from '@azure/cosmos';
import type { TestAccount } from './account.fixture.ts';
import { startTestAccount } from './account.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

let account: TestAccount;
let audit: Container;

const ITEMS = [
  { id: '1', target: 'a', month: '10', at: 5, kind: 'ScaleOut', note: { by: 'rule' } },
  { id: '2', target: 'a', month: '10', at: 3, kind: 'Hold', flag: true },
  { id: '3', target: 'a', month: '11', at: 9, kind: 'Hold', flag: false },
  { id: '4', target: 'a', month: '11', at: 7, kind: 'ScaleIn', note: { by: null } },
  { id: '5', target: 'b', month: '11', at: '7', kind: 'Hold', list: [1, 2] },
  { id: '6', target: 'b', month: '11', kind: "it's" },
];

beforeAll(async () => {
  account = await startTestAccount();
  audit = await account.container({
    id: 'audit',
    partitionKey: { paths: ['/target', '/month'], kind: PartitionKeyKind.MultiHash },
  });
  for (const item of ITEMS) await audit.items.create(item);
});
afterAll(() => account.close());

async function query(
  text: string,
  parameters: SqlParameter[] = [],
  partitionKey?: string[],
): Promise<unknown[]> {
  const options = partitionKey === undefined ? {} : { partitionKey };
  return (await audit.items.query<unknown>({ query: text, parameters }, options).fetchAll())
    .resources;
}

const ids = (where: string, parameters: SqlParameter[] = []): Promise<unknown[]> =>
  query(`SELECT VALUE c.id FROM c ${where}`, parameters);

describe('conditions', () => {
  const table: [string, string[]][] = [
    ['WHERE c.at = 7', ['4']],
    ["WHERE c.at = '7'", ['5']],
    ['WHERE c.at != 7', ['1', '2', '3']],
    ['WHERE c.at > 5', ['3', '4']],
    ['WHERE c.at >= 5 AND c.at < 9', ['1', '4']],
    ['WHERE c.at BETWEEN 3 AND 5', ['1', '2']],
    ['WHERE c.at NOT BETWEEN 3 AND 5', ['3', '4']],
    ["WHERE c.kind IN ('ScaleOut', 'ScaleIn')", ['1', '4']],
    ["WHERE c.kind NOT IN ('ScaleOut', 'ScaleIn', 'Hold')", ['6']],
    ['WHERE c.flag', ['2']],
    ['WHERE NOT c.flag', ['3']],
    ['WHERE NOT (c.at = 3 OR c.at = 9)', ['1', '4']],
    ['WHERE IS_DEFINED(c.note)', ['1', '4']],
    ['WHERE NOT IS_DEFINED(c.at)', ['6']],
    ['WHERE c.note.by = null', ['4']],
    ["WHERE c['note']['by'] = 'rule'", ['1']],
    ['WHERE c.list[1] = 2', ['5']],
    ["WHERE STARTSWITH(c.kind, 'Scale')", ['1', '4']],
    ["WHERE STARTSWITH(c.kind, 'scale', true)", ['1', '4']],
    ["WHERE c.kind = 'it\\'s'", ['6']],
    ["WHERE c.id = '2' OR c.id = '3'", ['2', '3']],
    ["WHERE c.id = '2' AND c.at = 3", ['2']],
    ['WHERE c.at = 3 AND c.nothing = 1 OR c.at = 9', ['3']],
  ];
  test.each(table)('%s', async (where, expected) => {
    expect(await ids(where)).toEqual(expected);
  });

  test('take parameters of every type', async () => {
    const found = ids('WHERE c.kind = @kind AND c.flag = @flag', [
      { name: '@kind', value: 'Hold' },
      { name: '@flag', value: false },
    ]);
    expect(await found).toEqual(['3']);
    expect(await ids('WHERE c.list = @list', [{ name: '@list', value: [1, 2] }])).toEqual(['5']);
  });
});

describe('results', () => {
  test('are whole items, values, columns or a count', async () => {
    expect(await query("SELECT * FROM c WHERE c.id = '1'")).toMatchObject([ITEMS[0]]);
    expect(await query('SELECT c.id, c.note.by FROM c WHERE c.at = 5')).toEqual([
      { id: '1', by: 'rule' },
    ]);
    expect(await query('SELECT VALUE c.note FROM c')).toEqual([{ by: 'rule' }, { by: null }]);
    expect(await query('SELECT r.at AS t FROM r WHERE r.id IN ("1", "6")')).toEqual([{ t: 5 }, {}]);
    expect(await query('SELECT VALUE COUNT(1) FROM c WHERE c.at > 4')).toEqual([3]);
  });

  test('come in the order of one or more paths, types in their fixed order', async () => {
    expect(await ids('ORDER BY c.at')).toEqual(['6', '2', '1', '4', '3', '5']);
    expect(await ids('ORDER BY c.at DESC')).toEqual(['5', '3', '4', '1', '2', '6']);
    expect(await ids('ORDER BY c.kind ASC, c.at DESC')).toEqual(['5', '3', '2', '4', '1', '6']);
  });

  test('are cut by TOP and by OFFSET LIMIT', async () => {
    expect(await query('SELECT TOP 2 VALUE c.id FROM c ORDER BY c.id DESC')).toEqual(['6', '5']);
    expect(await ids('ORDER BY c.id OFFSET 1 LIMIT 2')).toEqual(['2', '3']);
    const parameters = [{ name: '@n', value: 1 }];
    expect(await ids('ORDER BY c.id OFFSET @n LIMIT @n', parameters)).toEqual(['2']);
    expect(await ids('OFFSET 5 LIMIT 10')).toEqual(['6']);
  });
});

describe('the partition key of a query', () => {
  test('keeps it in one partition', async () => {
    const found = await query('SELECT VALUE c.id FROM c', [], ['a', '11']);
    expect(found).toEqual(['3', '4']);
  });

  test('may be a prefix of a hierarchical key', async () => {
    expect(await query('SELECT VALUE c.id FROM c', [], ['a'])).toEqual(['1', '2', '3', '4']);
    expect(await query('SELECT VALUE c.id FROM c ORDER BY c.at', [], ['a'])).toEqual([
      ...['2', '1', '4', '3'],
    ]);
    expect(await query('SELECT VALUE COUNT(1) FROM c', [], ['b'])).toEqual([2]);
  });
});

describe('pages', () => {
  const pages = async (text: string, maxItemCount: number): Promise<unknown[][]> => {
    const found: unknown[][] = [];
    // A new iterator each time: only the token carries on.
    let options: FeedOptions = { maxItemCount };
    for (;;) {
      const page = await audit.items.query<unknown>(text, options).fetchNext();
      found.push(page.resources);
      if (!page.hasMoreResults) return found;
      options = { maxItemCount, continuationToken: page.continuationToken };
    }
  };

  test.each([
    [
      'SELECT VALUE c.id FROM c',
      [
        ['1', '2', '3', '4'],
        ['5', '6'],
      ],
      4,
    ],
    [
      'SELECT VALUE c.id FROM c ORDER BY c.at',
      [
        ['6', '2'],
        ['1', '4'],
        ['3', '5'],
      ],
      2,
    ],
    [
      'SELECT VALUE c.id FROM c ORDER BY c.kind DESC',
      [
        ['6', '1', '4', '5'],
        ['3', '2'],
      ],
      4,
    ],
    ['SELECT TOP 3 VALUE c.id FROM c ORDER BY c.id', [['1', '2'], ['3']], 2],
    ['SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 2 LIMIT 3', [['3', '4'], ['5']], 2],
  ])('%s', async (text, expected, size) => {
    expect(await pages(text, size)).toEqual(expected);
  });

  test('go on behind an item that was deleted meanwhile', async () => {
    const text = "SELECT VALUE c.n FROM c WHERE STARTSWITH(c.id, 'p') ORDER BY c.n";
    const key = { target: 'p', month: '1' };
    for (const n of [1, 2, 3, 4]) await audit.items.create({ id: `p${n}`, n, ...key });
    const iterator = audit.items.query(text, { maxItemCount: 2 });
    expect((await iterator.fetchNext()).resources).toEqual([1, 2]);
    await audit.item('p2', ['p', '1']).delete();
    expect((await iterator.fetchNext()).resources).toEqual([3, 4]);
    for (const n of [1, 3, 4]) await audit.item(`p${n}`, ['p', '1']).delete();
  });

  test.each(['SELECT * FROM c', 'SELECT * FROM c ORDER BY c.n'])(
    'end at 4 MB, the rest follows: %s',
    async (text) => {
      const large = await account.container({ id: 'large', partitionKey: '/p' });
      const ids = ['1', '2', '3', '4', '5'];
      for (const id of ids)
        await large.items.upsert({ id, p: 'x', n: id, text: 'y'.repeat(1.5e6) });
      const sizes = [];
      const found = [];
      for await (const page of large.items.query<{ id: string }>(text).getAsyncIterator()) {
        sizes.push(page.resources.length);
        found.push(...page.resources.map((each) => each.id));
      }
      expect(found).toEqual(ids);
      expect(sizes).toEqual([3, 2]);
    },
  );

  test('of one query are not of another', async () => {
    const first = await audit.items.query('SELECT * FROM c', { maxItemCount: 2 }).fetchNext();
    const options = { continuationToken: first.continuationToken };
    const other = audit.items.query('SELECT * FROM c WHERE c.at = 3', options).fetchNext();
    await expect(other).rejects.toThrow('does not belong to this query');
  });
});

describe('what the subset lacks is refused by its name, never answered wrongly', () => {
  test.each([
    ['SELECT udf.f(c.at) FROM c', "'udf'"],
    ['SELECT * FROM c WHERE RegexMatch(c.kind, "x")', 'RegexMatch at position 22 is not supported'],
    ['SELECT * FROM c WHERE ST_DISTANCE(c.at, c.at) < 1', 'ST_DISTANCE'],
    ['SELECT * FROM c JOIN l IN c.list', 'single input'],
    ['SELECT VALUE COUNT(c.at) FROM c ORDER BY c.at', 'ORDER BY together with'],
    ['SELECT c.kind FROM c GROUP BY c.at', 'neither in an aggregate nor in GROUP BY'],
    ['SELECT * FROM c WHERE COUNT(1) > 1', 'COUNT at position 22'],
    ['SELECT * FROM c ORDER BY LOWER(c.kind)', "'LOWER'"],
    ['SELECT * FROM c WHERE LOWER(c.kind, 1)', 'takes 1 arguments, not 2'],
    ['SELECT VALUE (SELECT TOP 1 VALUE t FROM t IN c.list) FROM c', 'in a subquery'],
    ['SELECT * FROM c WHERE d.at = 1', "'d'"],
    ['SELECT * FROM c WHERE c.at = @none', '@none'],
    ['SELECT * FROM c ORDER BY c.at DESC, ', 'end of query'],
    ['SELECT TOP 1 * FROM c WHERE (c.at = 1', 'end of query'],
  ])('%s', async (text, named) => {
    await expect(query(text)).rejects.toThrow(new RegExp(named));
  });
});
