import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { signature } from '../../src/cosmos/authorization.ts';
import type { TestAccount } from './account.fixture.ts';
import { startTestAccount } from './account.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(120_000);

let account: TestAccount;
const DOCS = ['dbs', 'headroom', 'colls', 'fuzz', 'docs'];

beforeAll(async () => {
  account = await startTestAccount();
  const container = await account.container({ id: 'fuzz', partitionKey: '/p' });
  const tags = ['x', 'y', 1, null];
  for (const id of ['1', '2', '3']) {
    await container.items.create({
      id,
      p: 'a',
      n: Number(id),
      t: `t${id}`,
      tags,
      o: { a: { b: [1] } },
    });
  }
});
afterAll(() => account.close());

interface Sent {
  readonly method: string;
  readonly segments: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The status of a request that is signed as it should be. */
async function send({ method, segments, headers, body }: Sent): Promise<number> {
  const date = new Date(0).toUTCString();
  const key = Buffer.from(account.key, 'base64');
  const path = segments.map(encodeURIComponent).join('/');
  const response = await fetch(account.endpoint + path, {
    method,
    headers: {
      'x-ms-date': date,
      authorization: encodeURIComponent(signature(key, method, segments, date)),
      ...headers,
    },
    ...(body === undefined || method === 'GET' ? {} : { body }),
  });
  const text = await response.text();
  if (response.status >= 400)
    expect(JSON.parse(text)).toMatchObject({ message: expect.any(String) });
  return response.status;
}

/** Success, or an error of the client's; 501 is what is not supported. */
const isFine = (status: number): boolean => status < 500 || status === 501;

const query = (text: string, headers: Readonly<Record<string, string>> = {}): Sent => ({
  method: 'POST',
  segments: DOCS,
  headers: { 'x-ms-documentdb-isquery': 'true', ...headers },
  body: JSON.stringify({ query: text, parameters: [{ name: '@p', value: [1, { a: 'x' }] }] }),
});

const fragments = [
  ...[
    'SELECT',
    '*',
    'VALUE',
    'DISTINCT',
    'TOP 2',
    'FROM c',
    'JOIN t IN c.tags',
    'WHERE',
    'GROUP BY',
  ],
  ...[
    'ORDER BY',
    'ASC',
    'DESC',
    'OFFSET 1 LIMIT 1',
    'c',
    'c.n',
    'c.t',
    'c.tags',
    't',
    'c.o.a.b',
    '@p',
  ],
  ...[
    'AND',
    'OR',
    'NOT',
    'IN',
    'BETWEEN',
    'LIKE',
    'ESCAPE',
    'EXISTS(',
    'ARRAY(',
    'SELECT VALUE t FROM t IN c.tags',
  ],
  ...[
    '=',
    '!=',
    '<',
    '>=',
    '+',
    '-',
    '*',
    '/',
    '%',
    '||',
    '??',
    '?',
    ':',
    '~',
    '<<',
    '>>>',
    '&',
    '|',
    '^',
  ],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    '.',
    "'a'",
    '"b"',
    '1',
    '-0',
    '1e308',
    'null',
    'true',
    'undefined',
  ],
  ...[
    'COUNT(1)',
    'SUM(c.n)',
    'LOWER(c.t)',
    'REPLICATE(c.t, 1e9)',
    'CONCAT(c.t, c.t)',
    'ARRAY_SLICE(c.tags, 1)',
  ],
  ...[
    "DateTimeAdd('year', 1e9, c.t)",
    'REPLACE(c.t, "t", c.t)',
    'LEFT(c.t, -1)',
    "'",
    '\\',
    '--',
    '/*',
    '\u0000',
    '😀',
  ],
];
const words = fc
  .array(fc.constantFrom(...fragments), { maxLength: 14 })
  .map((list) => list.join(' '));
const mutated = fc
  .tuple(
    fc.constantFrom(
      'SELECT c.id, t FROM c JOIN t IN c.tags WHERE c.n > 1 ORDER BY c.n DESC',
      "SELECT VALUE {a: c.n, b: [LOWER(c.t)]} FROM c WHERE c.t LIKE 't%' AND c.n IN (1, 2)",
      'SELECT c.p, COUNT(1) AS n FROM c GROUP BY c.p OFFSET 0 LIMIT 5',
      'SELECT TOP 2 * FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 1)',
    ),
    fc.nat(80),
    fc.nat(10),
    fc.constantFrom('', ...fragments),
  )
  .map(([text, at, cut, by]) => text.slice(0, at) + by + text.slice(at + cut));

const token = fc.oneof(
  fc.string({ maxLength: 30 }).map((text) => Buffer.from(text).toString('base64url')),
  fc.json().map((text) => Buffer.from(text).toString('base64url')),
);
const header = fc.record(
  {
    'x-ms-max-item-count': fc.constantFrom('1', '-1', '0', '1e9', 'x', '1.5'),
    'x-ms-continuation': token,
    'x-ms-documentdb-partitionkey': fc.oneof(
      fc.constantFrom('["a"]', '[{}]', '[]', '["a","b"]', 'a', '[[1]]', '[null]', '[1e999]', '{}'),
      fc.json().map((text) => text.replaceAll(/[^\x20-\x7e]/g, '')),
    ),
    'if-none-match': fc.constantFrom('*', '"1"', '"x"', '-5', '"1e30"'),
    'if-modified-since': fc.constantFrom('x', new Date(0).toUTCString()),
    'a-im': fc.constantFrom('Incremental Feed', 'Full-Fidelity Feed', 'x'),
    'x-ms-start-epk': fc.constantFrom('', '00', 'zz'),
  },
  { requiredKeys: [] },
);

test('queries of any text are answered or refused, never failed', async () => {
  const property = fc.asyncProperty(fc.oneof(words, mutated), header, async (text, headers) => {
    expect(isFine(await send(query(text, headers)))).toBe(true);
  });
  await fc.assert(property, { numRuns: 200 });
});

const operation = fc.record(
  {
    op: fc.constantFrom<unknown>('add', 'set', 'replace', 'remove', 'incr', 'move', 'x', 1),
    path: fc.constantFrom<unknown>(
      ...[
        '/n',
        '/tags/0',
        '/tags/-',
        '/tags/x',
        '/o/a/b',
        '/__proto__/x',
        '/constructor',
        '/',
        '',
        7,
      ],
    ),
    from: fc.constantFrom<unknown>('/n', '/o', '/none', 3),
    value: fc.jsonValue(),
    operationType: fc.constantFrom<unknown>(
      'Create',
      'Patch',
      'Read',
      'Delete',
      'Upsert',
      'Replace',
      'x',
    ),
    id: fc.constantFrom<unknown>('1', 'new', '', 5),
    resourceBody: fc.oneof(
      fc.jsonValue(),
      fc.constant({ id: '1', p: 'a' }),
      fc.constant('{"id":"1"}'),
    ),
    partitionKey: fc.constantFrom<unknown>('["a"]', '[', 5, null),
    ifMatch: fc.constantFrom<unknown>('*', '"x"', 5),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.string(),
  fc.json(),
  fc.array(operation, { maxLength: 4 }).map((list) => JSON.stringify(list)),
  fc
    .record({
      condition: fc.oneof(words, mutated),
      operations: fc.array(operation, { maxLength: 2 }),
    })
    .map((patch) => JSON.stringify(patch)),
  fc.json().map((text) => `{"id":"1","p":"a","x":${text},"ttl":${text}}`),
);
const flags = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { 'x-ms-documentdb-is-upsert': 'true' },
  { 'x-ms-cosmos-is-batch-request': 'true' },
  { 'x-ms-cosmos-is-batch-request': 'true', 'x-ms-cosmos-batch-atomic': 'true' },
  { 'x-ms-documentdb-isquery': 'true' },
  { 'x-ms-cosmos-is-query-plan-request': 'true' },
);
const segments = fc.oneof(
  fc.constantFrom(DOCS, [...DOCS, '1'], [...DOCS, 'none'], [...DOCS.slice(0, 4), 'pkranges']),
  fc.array(
    fc.constantFrom('dbs', 'headroom', 'colls', 'fuzz', 'docs', 'offers', '..', '%', 'x/y', 'ä'),
    {
      maxLength: 7,
    },
  ),
);

test('requests of any path, header and body are answered or refused, never failed', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'),
    segments,
    header,
    flags,
    body,
    async (method, path, headers, others, text) => {
      // Those two would take the ground away from the other requests.
      fc.pre(!(method === 'DELETE' && path.length <= 4));
      const sent = { method, segments: path, headers: { ...headers, ...others }, body: text };
      expect(isFine(await send(sent))).toBe(true);
    },
  );
  await fc.assert(property, { numRuns: 250 });
});

const many = 20_000;
test.each<[string, string]>([
  ['parentheses', `SELECT ${'('.repeat(many)}1${')'.repeat(many)} FROM c`],
  ['lists', `SELECT ${'['.repeat(many)}1${']'.repeat(many)} FROM c`],
  ['NOT', `SELECT * FROM c WHERE ${'NOT '.repeat(many)} true`],
  ['signs', `SELECT VALUE ${'- '.repeat(many)} 1 FROM c`],
  ['a sum', `SELECT VALUE 1${' + 1'.repeat(many)} FROM c`],
  ['a path', `SELECT VALUE c${'.a'.repeat(many)} FROM c`],
  ['??', `SELECT VALUE c.x${' ?? c.x'.repeat(many)} FROM c`],
  ['?:', `SELECT VALUE ${'true ? 1 : '.repeat(many)} 1 FROM c`],
  ['subqueries', `SELECT ${'(SELECT VALUE '.repeat(500)}1${' FROM c)'.repeat(500)} FROM c`],
  [
    'CONCAT',
    `SELECT VALUE ${'CONCAT('.repeat(60)}'x'${",'x')".repeat(60)}${'.a'.repeat(9_000)} FROM c`,
  ],
  ['a text without an end', `SELECT * FROM c WHERE c.a = '${'x'.repeat(400_000)}`],
  ['a comment without an end', `SELECT * FROM c ${'/*'.repeat(many)}`],
])('endless nesting is refused with 400: %s', async (_, text) => {
  expect(await send(query(text))).toBe(400);
});

test.each<[string, number, string]>([
  [
    'a long OR is fine',
    200,
    `SELECT VALUE c.id FROM c WHERE ${Array(5_000).fill('c.n = 1').join(' OR ')}`,
  ],
  ['a text that grows', 400, `SELECT VALUE REPLICATE(REPLICATE('xxxxxxxxxx', 1e5), 1e5) FROM c`],
  [
    'rows that multiply end after a second',
    408,
    `SELECT VALUE COUNT(1) FROM c ${Array.from({ length: 16 }, (_, n) => `JOIN t${n} IN c.tags`).join(' ')}`,
  ],
])('work without an end is bounded: %s', async (_, status, text) => {
  expect(await send(query(text))).toBe(status);
});

test('JSON nests at most 128 levels', async () => {
  const nested = (levels: number): Sent => ({
    method: 'POST',
    segments: DOCS,
    headers: { 'x-ms-documentdb-partitionkey': '["a"]', 'x-ms-documentdb-is-upsert': 'true' },
    body: `{"id":"deep","p":"a","x":${'['.repeat(levels)}${']'.repeat(levels)}}`,
  });
  expect(await send(nested(100))).toBe(201);
  expect(await send(nested(200))).toBe(400);
  expect(await send(nested(500_000))).toBe(400);
});

test('a batch has at most 100 operations', async () => {
  const operations = Array.from({ length: 101 }, () => ({ operationType: 'Read', id: '1' }));
  const headers = { 'x-ms-cosmos-is-batch-request': 'true', 'x-ms-cosmos-batch-atomic': 'true' };
  const sent = { method: 'POST', segments: DOCS, headers, body: JSON.stringify(operations) };
  expect(await send(sent)).toBe(400);
});
