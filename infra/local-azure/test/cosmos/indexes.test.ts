import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Container, FeedOptions, FeedResponse } from '@azure/cosmos';
import type { TestAccount } from './account.fixture.ts';
import { startTestAccount } from './account.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(60_000);

const count = 1_500;
let account: TestAccount;

beforeAll(async () => {
  account = await startTestAccount();
});
afterAll(() => account.close());

async function fill(container: Container): Promise<void> {
  for (let first = 0; first < count; first += 100) {
    const operations = Array.from({ length: 100 }, (_, at) => ({
      operationType: 'Create' as const,
      resourceBody: { id: String(first + at), p: 'a', at: (first + at) * 7, kind: 'x' },
    }));
    await container.items.batch(operations, 'a');
  }
}

const newest = (container: Container, options: FeedOptions): Promise<FeedResponse<number>> =>
  container.items
    .query<number>('SELECT VALUE c.at FROM c ORDER BY c.at DESC', { maxItemCount: 5, ...options })
    .fetchNext();

/** An answer that needed no look at everything; the index may take its time. */
async function untilCheap(ask: () => Promise<FeedResponse<number>>): Promise<FeedResponse<number>> {
  for (;;) {
    const found = await ask();
    if (found.requestCharge < 10) return found;
  }
}

const expected = [7, 6, 5, 4, 3].map((each) => (count - 8 + each) * 7);

test('an index is made for a query that looks at many items, and lasts', async () => {
  const container = await account.container({ id: 'wished', partitionKey: '/p' });
  await fill(container);
  const options = { partitionKey: 'a' };
  const first = await newest(container, options);
  expect(first.requestCharge).toBeGreaterThan(40);
  expect(first.resources).toEqual(expected);
  const ask = () => newest(container, options);
  expect((await untilCheap(ask)).resources).toEqual(expected);
  await account.restart();
  expect((await ask()).requestCharge).toBeLessThan(10);
  // A page that began without the index goes on with it.
  const continuationToken = first.continuationToken;
  const second = await newest(container, { ...options, continuationToken });
  expect(second.resources[0]).toBe((expected[4] ?? 0) - 7);
  expect(second.requestCharge).toBeLessThan(10);
});

test('composite indexes of the policy are there from the beginning, and kept up by every write', async () => {
  const order = 'ascending' as const;
  const container = await account.container({
    id: 'declared',
    partitionKey: '/p',
    indexingPolicy: {
      compositeIndexes: [
        [
          { path: '/kind', order },
          { path: '/at', order },
        ],
      ],
    },
  });
  await fill(container);
  const text = "SELECT VALUE c.at FROM c WHERE c.kind = 'x' AND c.at >= 7000 ORDER BY c.kind, c.at";
  const ask = () => container.items.query<number>(text, { maxItemCount: 3 }).fetchNext();
  expect((await untilCheap(ask)).resources).toEqual([7_000, 7_007, 7_014]);
  await container.item('1000', 'a').patch([{ op: 'set', path: '/kind', value: 'y' }]);
  await container.item('1001', 'a').delete();
  await container.items.upsert({ id: '1002', p: 'a', at: 7_015, kind: 'x' });
  expect((await ask()).resources).toEqual([7_015, 7_021, 7_028]);
});

test('an index holds every item, also where a turn of its building ends by their size', async () => {
  const container = await account.container({ id: 'large', partitionKey: '/p' });
  const large = 'x'.repeat(1_500_000);
  for (let at = 0; at < 7; at++) {
    await container.items.create({ id: `large-${at}`, p: 'a', at: -1 - at, large });
  }
  await fill(container);
  const ask = () => newest(container, { partitionKey: 'a' });
  expect((await untilCheap(ask)).resources).toEqual(expected);
  const text = 'SELECT VALUE c.at FROM c ORDER BY c.at';
  const options = { partitionKey: 'a', maxItemCount: 8 };
  const oldest = await container.items.query<number>(text, options).fetchNext();
  expect(oldest.resources).toEqual([-7, -6, -5, -4, -3, -2, -1, 0]);
  expect(oldest.requestCharge).toBeLessThan(10);
});

test('an item is found by its id alone, in whatever partition', async () => {
  const container = await account.container({ id: 'by-id', partitionKey: '/p' });
  await fill(container);
  const ask = () =>
    container.items.query<number>("SELECT VALUE c.at FROM c WHERE c.id = '700'").fetchNext();
  const first = await ask();
  expect([first.resources, first.requestCharge > 40]).toEqual([[4_900], true]);
  expect((await untilCheap(ask)).resources).toEqual([4_900]);
});
