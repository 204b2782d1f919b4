import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Container } from '@azure/cosmos';
import type { TestAccount } from './account.fixture.ts';
import { startTestAccount } from './account.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(60_000);

let account: TestAccount;
let things: Container;

const ITEMS = [
  {
    id: '1',
    p: 'a',
    n: 1,
    t: 'Ab',
    tags: ['x', 'y'],
    parts: [
      { k: 'w', v: 1 },
      { k: 'h', v: 2 },
    ],
  },
  { id: '2', p: 'a', n: 2, t: 'abc', tags: ['y'], o: { a: { b: [10, 20] } } },
  { id: '3', p: 'b', n: 3, t: '50%_x', tags: [] },
  { id: '4', p: 'b', n: '3', flag: true, nothing: null },
];

beforeAll(async () => {
  account = await startTestAccount();
  things = await account.container({ id: 'things', partitionKey: '/p' });
  for (const item of ITEMS) await things.items.create(item);
});
afterAll(() => account.close());

async function query(text: string): Promise<unknown[]> {
  return (await things.items.query<unknown>(text).fetchAll()).resources;
}

/** What the expression gives for the first item; undefined when it gives nothing. */
async function valueOf(expression: string): Promise<unknown> {
  const [value] = await query(`SELECT VALUE ${expression} FROM c WHERE c.id = '1'`);
  return value;
}

describe('operators', () => {
  test.each<[string, unknown]>([
    ['1 + 2 * 3 - 4 / 2', 5],
    ['(1 + 2) * 3', 9],
    ['7 % 4', 3],
    ['-c.n', -1],
    ['- -1', 1],
    ['~5', -6],
    ['6 & 3 | 8 ^ 1', 11],
    ['1 << 4', 16],
    ['-8 >> 1', -4],
    ['-1 >>> 28', 15],
    ["c.t || '!'", 'Ab!'],
    ["c.n + 'x'", undefined],
    ['1 / 0', undefined],
    ["c.n = 1 ? 'one' : 'other'", 'one'],
    ["c.none = 1 ? 'one' : 'other'", 'other'],
    ["c.none ?? c.t ?? 'x'", 'Ab'],
    ['null ?? 1', null],
    ['c.tags[0]', 'x'],
    ['c["parts"][1]["v"]', 2],
    ['c.parts[c.n].k', 'h'],
    ['c.tags[5]', undefined],
    ["{a: c.n, 'b': [c.t, c.none], c: c.none}", { a: 1, b: ['Ab'] }],
    ['true AND c.none', undefined],
    ['false AND c.none', false],
    ['true OR c.none', true],
    ['NOT c.none', undefined],
    ['1 < "a"', undefined],
    ['"a" < "b" /* a comment */ -- and another\n', true],
    ['c.parts = [{"v": 1, "k": "w"}, {k: "h", v: 2}]', true],
    ['c.n NOT IN (2, 3)', true],
    ['"it\\u0027s \\"x\\""', 'it\'s "x"'],
  ])('%s', async (expression, expected) => {
    expect(await valueOf(expression)).toEqual(expected);
  });
});

describe('functions', () => {
  test.each<[string, unknown]>([
    ['[IS_NULL(null), IS_NULL(c.none), IS_BOOL(true), IS_NUMBER(1)]', [true, false, true, true]],
    ['[IS_STRING(""), IS_ARRAY(c.tags), IS_OBJECT({}), IS_OBJECT([])]', [true, true, true, false]],
    [
      '[IS_PRIMITIVE(null), IS_PRIMITIVE([]), IS_INTEGER(1), IS_INTEGER(1.5)]',
      [...[true, false, true, false]],
    ],
    [
      "[CONTAINS('abc', 'B'), CONTAINS('abc', 'B', true), ENDSWITH('abc', 'c')]",
      [...[false, true, true]],
    ],
    ["[StartsWith('abc', 'AB'), STARTSWITH('abc', 'AB', true)]", [false, true]],
    ["STRINGEQUALS('a', 'A', true)", true],
    ['CONTAINS(c.none, "a")', undefined],
    ["[LOWER('Ab'), UPPER('Ab'), LENGTH('abc'), REVERSE('abc')]", ['ab', 'AB', 3, 'cba']],
    ["[SUBSTRING('hello', 1, 3), LEFT('hello', 2), RIGHT('hello', 2)]", ['ell', 'he', 'lo']],
    ["[INDEX_OF('hello', 'l'), INDEX_OF('hello', 'l', 3), INDEX_OF('a', 'b')]", [2, 3, -1]],
    ["[TRIM('  a '), LTRIM('  a '), RTRIM('  a ')]", ['a', 'a ', '  a']],
    [
      "[REPLACE('aXbX', 'X', '-'), CONCAT('a', 'b', 'c'), REPLICATE('ab', 2)]",
      [...['a-b-', 'abc', 'abab']],
    ],
    ['[ToString(1.5), ToString(true), ToString([1])]', ['1.5', 'true', '[1]']],
    ["[StringToNumber('1e2'), StringToBoolean('true'), StringToArray('[1]')]", [100, true, [1]]],
    ["StringToNumber('x')", undefined],
    [
      '[ABS(-1), CEILING(1.2), FLOOR(-1.2), ROUND(2.5), ROUND(-2.5), SIGN(-3)]',
      [...[1, 2, -2, 3, -3, -1]],
    ],
    ['[POWER(2, 3), SQRT(9), SQUARE(3), TRUNC(-1.9), LOG10(100), EXP(0)]', [8, 3, 9, -1, 2, 1]],
    ['SQRT(-1)', undefined],
    [
      "[ARRAY_LENGTH(c.tags), ARRAY_CONTAINS(c.tags, 'x'), ARRAY_CONTAINS(c.tags, 'z')]",
      [...[2, true, false]],
    ],
    ["[ARRAY_CONTAINS(c.parts, {k: 'w'}), ARRAY_CONTAINS(c.parts, {k: 'w'}, true)]", [false, true]],
    [
      '[ARRAY_SLICE([1, 2, 3], 1), ARRAY_SLICE([1, 2, 3], -2, 1), ARRAY_CONCAT([1], [2])]',
      [...[[2, 3], [2], [1, 2]]],
    ],
    ['[SetUnion([1, 2], [2, 3]), SetIntersect([1, 2], [2, 3])]', [[1, 2, 3], [2]]],
    ["DateTimeToTimestamp('2026-11-29T01:02:03.0040000Z')", 1795914123004],
    ['TimestampToDateTime(1795914123004)', '2026-11-29T01:02:03.0040000Z'],
    ["DateTimeAdd('month', 1, '2026-01-31T00:00:00.0000000Z')", '2026-02-28T00:00:00.0000000Z'],
    ["DateTimeDiff('day', '2026-01-31T23:00:00.0000000Z', '2026-02-01T01:00:00.0000000Z')", 1],
    ["DateTimePart('hh', '2026-01-31T23:00:00.0000000Z')", 23],
    ['GetCurrentTimestamp() > 1700000000000', true],
    ["IIF(c.n = 1, 'one', 'other')", 'one'],
  ])('%s', async (expression, expected) => {
    expect(await valueOf(expression)).toEqual(expected);
  });
});

describe('LIKE', () => {
  test.each<[string, boolean]>([
    ["'abc' LIKE 'a%'", true],
    ["'abc' LIKE '%b%'", true],
    ["'abc' LIKE '_b_'", true],
    ["'abc' LIKE 'A%'", false],
    ["'abc' NOT LIKE 'b%'", true],
    ["'50%_x' LIKE '50!%!_%' ESCAPE '!'", true],
    ["'50ab' LIKE '50!%!_%' ESCAPE '!'", false],
    ["'abc' LIKE '[a-c][^x]c'", true],
    ["'' LIKE '%'", true],
  ])('%s', async (expression, expected) => {
    expect(await valueOf(expression)).toBe(expected);
  });
});

describe('sources', () => {
  test.each<[string, unknown[]]>([
    [
      'SELECT c.id, t FROM c JOIN t IN c.tags WHERE c.n = 1',
      [
        { id: '1', t: 'x' },
        { id: '1', t: 'y' },
      ],
    ],
    ['SELECT VALUE t FROM t IN c.tags', ['x', 'y', 'y']],
    [
      'SELECT * FROM t IN c.parts',
      [
        { k: 'w', v: 1 },
        { k: 'h', v: 2 },
      ],
    ],
    ['SELECT VALUE x FROM c.o.a AS x', [{ b: [10, 20] }]],
    ['SELECT VALUE b FROM c JOIN b IN c.o.a.b WHERE b > 10', [20]],
    [
      "SELECT VALUE {t: t, k: q.k} FROM c JOIN t IN c.tags JOIN q IN c.parts WHERE q.k = 'w'",
      [
        { t: 'x', k: 'w' },
        { t: 'y', k: 'w' },
      ],
    ],
    ['SELECT VALUE v FROM c JOIN (SELECT VALUE q.v FROM q IN c.parts WHERE q.v > 1) AS v', [2]],
    ['SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = "x")', ['1']],
    [
      "SELECT VALUE ARRAY(SELECT VALUE q.k FROM q IN c.parts) FROM c WHERE c.p = 'a'",
      [['w', 'h'], []],
    ],
    [
      'SELECT c.id, (SELECT VALUE COUNT(1) FROM t IN c.tags) AS n FROM c WHERE c.p = "a"',
      [
        { id: '1', n: 2 },
        { id: '2', n: 1 },
      ],
    ],
  ])('%s', async (text, expected) => {
    expect(await query(text)).toEqual(expected);
  });
});

describe('groups', () => {
  test.each<[string, unknown[]]>([
    ['SELECT DISTINCT VALUE c.p FROM c', ['a', 'b']],
    ['SELECT DISTINCT TOP 1 c.p FROM c ORDER BY c.p DESC', [{ p: 'b' }]],
    ['SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags', ['x', 'y']],
    ["SELECT COUNT(1), SUM(c.n) AS s FROM c WHERE c.p = 'a'", [{ $1: 2, s: 3 }]],
    ["SELECT VALUE AVG(c.n) FROM c WHERE c.p = 'a'", [1.5]],
    ['SELECT VALUE SUM(c.n) FROM c', []],
    ['SELECT VALUE [MIN(c.n), MAX(c.n)] FROM c', [[1, '3']]],
    ['SELECT VALUE COUNT(c.t) FROM c', [3]],
    ['SELECT VALUE COUNT(1) FROM c WHERE false', [0]],
    ['SELECT VALUE MAX(c.n) FROM c WHERE false', []],
    [
      'SELECT c.p, COUNT(1) AS n, MAX(c.id) AS last FROM c GROUP BY c.p',
      [
        { p: 'a', n: 2, last: '2' },
        { p: 'b', n: 2, last: '4' },
      ],
    ],
    [
      'SELECT VALUE {f: IS_DEFINED(c.flag), n: COUNT(1)} FROM c GROUP BY IS_DEFINED(c.flag)',
      [
        { f: false, n: 3 },
        { f: true, n: 1 },
      ],
    ],
    ['SELECT COUNT(1) AS n FROM c GROUP BY c.p OFFSET 1 LIMIT 1', [{ n: 2 }]],
  ])('%s', async (text, expected) => {
    expect(await query(text)).toEqual(expected);
  });

  test('come in pages', async () => {
    const text = 'SELECT VALUE c.id FROM c GROUP BY c.id';
    const sizes: number[] = [];
    const iterator = things.items.query<string>(text, { maxItemCount: 3 });
    for await (const page of iterator.getAsyncIterator()) sizes.push(page.resources.length);
    expect(sizes).toEqual([3, 1]);
  });
});

test('rows of a JOIN come in pages that cut through an item', async () => {
  const found: string[] = [];
  const text = 'SELECT VALUE CONCAT(c.id, t) FROM c JOIN t IN c.tags ORDER BY c.id DESC';
  let options: { maxItemCount: number; continuationToken?: string } = { maxItemCount: 1 };
  for (;;) {
    const page = await things.items.query<string>(text, options).fetchNext();
    found.push(...page.resources);
    if (!page.hasMoreResults) break;
    options = { maxItemCount: 1, continuationToken: page.continuationToken };
  }
  expect(found).toEqual(['2y', '1x', '1y']);
});

test('a query under query control is answered as one without', async () => {
  const options = { enableQueryControl: true, maxItemCount: 2 };
  const iterator = things.items.query<string>('SELECT VALUE c.id FROM c ORDER BY c.id', options);
  const found: string[] = [];
  while (iterator.hasMoreResults()) found.push(...(await iterator.fetchNext()).resources);
  expect(found).toEqual(['1', '2', '3', '4']);
});
