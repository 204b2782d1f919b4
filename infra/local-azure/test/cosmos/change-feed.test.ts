import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ChangeFeedIteratorOptions, Container } from '@azure/cosmos';
import { ChangeFeedMode, ChangeFeedStartFrom } from '@azure/cosmos';
import type { TestAccount } from './account.fixture.ts';
import { startTestAccount } from './account.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

let account: TestAccount;

beforeAll(async () => {
  account = await startTestAccount();
});
afterAll(() => account.close());

let count = 0;
function newContainer(defaultTtl?: number): Promise<Container> {
  count += 1;
  const ttl = defaultTtl === undefined ? {} : { defaultTtl };
  return account.container({ id: `c${count}`, partitionKey: '/p', ...ttl });
}

/** Reads until nothing is new; gives the changes and where to go on. */
async function drain(
  container: Container,
  options: ChangeFeedIteratorOptions,
): Promise<{ changes: unknown[]; token: string }> {
  const changes: unknown[] = [];
  for await (const page of container.items
    .getChangeFeedIterator<{ id: string; v?: number }>(options)
    .getAsyncIterator()) {
    if (page.statusCode === 304) return { changes, token: page.continuationToken };
    changes.push(...page.result.map((each) => `${each.id}:${each.v ?? ''}`));
  }
  throw new Error('A change feed has no end.');
}

const fromBeginning = { changeFeedStartFrom: ChangeFeedStartFrom.Beginning() };
const fromNow = { changeFeedStartFrom: ChangeFeedStartFrom.Now() };
const goOn = (token: string) => ({
  changeFeedStartFrom: ChangeFeedStartFrom.Continuation(token),
});

describe('the change feed', () => {
  test('from the beginning holds the newest version of each item, in the order of the writes', async () => {
    const container = await newContainer();
    for (const id of ['a', 'b', 'c']) await container.items.create({ id, p: 'x', v: 1 });
    await container.items.upsert({ id: 'a', p: 'x', v: 2 });
    await container.item('b', 'x').delete();
    const { changes, token } = await drain(container, { ...fromBeginning, maxItemCount: 1 });
    expect(changes).toEqual(['c:1', 'a:2']);
    await container.items.create({ id: 'd', p: 'y', v: 1 });
    expect((await drain(container, goOn(token))).changes).toEqual(['d:1']);
  });

  test('from now holds what is written afterwards', async () => {
    const container = await newContainer();
    await container.items.create({ id: 'old', p: 'x' });
    const { changes, token } = await drain(container, fromNow);
    expect(changes).toEqual([]);
    await container.items.create({ id: 'new', p: 'x' });
    expect((await drain(container, goOn(token))).changes).toEqual(['new:']);
  });

  test('goes on across a restart, also when the last write was a deletion', async () => {
    const container = await newContainer();
    await container.items.create({ id: 'a', p: 'x', v: 1 });
    await container.items.create({ id: 'b', p: 'x', v: 1 });
    await container.item('b', 'x').delete();
    const { token } = await drain(container, fromBeginning);
    await account.restart();
    await container.items.upsert({ id: 'a', p: 'x', v: 2 });
    expect((await drain(container, goOn(token))).changes).toEqual(['a:2']);
  });

  test('of one partition key holds its items only', async () => {
    const container = await newContainer();
    await container.items.create({ id: 'a', p: 'x', v: 1 });
    await container.items.create({ id: 'b', p: 'y', v: 1 });
    const options = { changeFeedStartFrom: ChangeFeedStartFrom.Beginning('y') };
    expect((await drain(container, options)).changes).toEqual(['b:1']);
  });

  test('from a time holds what was written from then on', async () => {
    const container = await newContainer();
    const { resource } = await container.items.create({ id: 'a', p: 'x' });
    account.advance(10_000);
    await container.items.create({ id: 'b', p: 'x' });
    const later = new Date((resource!._ts + 5) * 1000);
    const options = { changeFeedStartFrom: ChangeFeedStartFrom.Time(later) };
    expect((await drain(container, options)).changes).toEqual(['b:']);
  });
});

test('all versions and deletes answer that they are not supported', async () => {
  const container = await newContainer();
  const changeFeedMode = ChangeFeedMode.AllVersionsAndDeletes;
  await expect(drain(container, { changeFeedMode })).rejects.toMatchObject({ code: 501 });
});

describe('time to live', () => {
  const idsOf = async (container: Container): Promise<string[]> =>
    (await container.items.query<string>('SELECT VALUE c.id FROM c').fetchAll()).resources;

  test('ends items after the default of the container or their own', async () => {
    const container = await newContainer(60);
    await container.items.create({ id: 'default', p: 'x' });
    await container.items.create({ id: 'short', p: 'x', ttl: 10 });
    await container.items.create({ id: 'forever', p: 'x', ttl: -1 });
    account.advance(10_000);
    expect(await idsOf(container)).toEqual(['default', 'forever']);
    expect((await container.item('short', 'x').read()).statusCode).toBe(404);
    expect((await drain(container, fromBeginning)).changes).toEqual(['default:', 'forever:']);
    account.advance(50_000);
    expect(await idsOf(container)).toEqual(['forever']);
  });

  test('frees the id of an item that ended', async () => {
    const container = await newContainer(-1);
    await container.items.create({ id: 'a', p: 'x', ttl: 5, v: 1 });
    account.advance(5_000);
    expect((await container.items.create({ id: 'a', p: 'x', v: 2 })).statusCode).toBe(201);
  });

  test('without a default on the container does nothing', async () => {
    const container = await newContainer();
    await container.items.create({ id: 'a', p: 'x', ttl: 1 });
    account.advance(100_000);
    expect(await idsOf(container)).toEqual(['a']);
  });
});
