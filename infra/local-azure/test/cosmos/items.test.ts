import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Container } from '@azure/cosmos';
import { CosmosClient, PartitionKeyKind, PatchOperationType } from '@azure/cosmos';
import type { TestAccount } from './account.fixture.ts';
import { startTestAccount, statusOf } from './account.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

let account: TestAccount;
let settings: Container;
let audit: Container;

beforeAll(async () => {
  account = await startTestAccount();
  settings = await account.container({ id: 'settings', partitionKey: '/target' });
  audit = await account.container({
    id: 'audit',
    partitionKey: { paths: ['/target', '/month'], kind: PartitionKeyKind.MultiHash },
  });
});
afterAll(() => account.close());

describe('databases and containers', () => {
  test('are created once, read and listed', async () => {
    const database = account.client.database('headroom');
    expect((await database.read()).resource?.id).toBe('headroom');
    const { resources } = await database.containers.readAll().fetchAll();
    expect(resources.map((each) => each.id)).toEqual(['settings', 'audit']);
    expect(resources[1]?.partitionKey?.paths).toEqual(['/target', '/month']);
    expect(await statusOf(database.containers.create({ id: 'audit', partitionKey: '/x' }))).toBe(
      409,
    );
    expect(await statusOf(database.container('none').read())).toBe(404);
    const all = await account.client.databases.readAll().fetchAll();
    expect(all.resources.map((each) => each.id)).toEqual(['headroom']);
  });

  test('disappear with their items when they are deleted', async () => {
    const { container } = await account.client
      .database('headroom')
      .containers.create({ id: 'passing', partitionKey: '/p' });
    await container.items.create({ id: 'one', p: 'a' });
    await container.delete();
    expect(await statusOf(container.read())).toBe(404);
    const again = await account.container({ id: 'passing', partitionKey: '/p' });
    expect((await again.items.readAll().fetchAll()).resources).toEqual([]);
    await again.delete();
  });
});

describe('items', () => {
  test('are created, read, replaced and deleted', async () => {
    const { resource, statusCode } = await settings.items.create({ id: 'crud', target: 't', v: 1 });
    expect(statusCode).toBe(201);
    expect(resource).toMatchObject({ id: 'crud', target: 't', v: 1 });
    expect(resource?._etag).toMatch(/^"[0-9a-f-]{36}"$/);
    const item = settings.item('crud', 't');
    const replaced = await item.replace({ ...resource, id: 'crud', v: 2 });
    expect(replaced.resource?.['v']).toBe(2);
    expect(replaced.etag).not.toBe(resource?._etag);
    expect((await item.read<{ v: number }>()).resource?.v).toBe(2);
    expect((await item.delete()).statusCode).toBe(204);
    expect((await item.read()).statusCode).toBe(404);
    expect(await statusOf(item.delete())).toBe(404);
  });

  test('have an id that is unique in their partition', async () => {
    await settings.items.create({ id: 'same', target: 'a' });
    expect(await statusOf(settings.items.create({ id: 'same', target: 'a' }))).toBe(409);
    expect((await settings.items.create({ id: 'same', target: 'b' })).statusCode).toBe(201);
  });

  test('are created or replaced by an upsert', async () => {
    expect((await settings.items.upsert({ id: 'up', target: 'a', v: 1 })).statusCode).toBe(201);
    expect((await settings.items.upsert({ id: 'up', target: 'a', v: 2 })).statusCode).toBe(200);
    expect((await settings.item('up', 'a').read<{ v: number }>()).resource?.v).toBe(2);
  });

  test('are replaced and deleted only at the ETag that the client names', async () => {
    const first = await settings.items.create({ id: 'etag', target: 'a', v: 1 });
    const stale = { type: 'IfMatch', condition: first.etag };
    const item = settings.item('etag', 'a');
    await item.replace({ id: 'etag', target: 'a', v: 2 }, { accessCondition: stale });
    const again = item.replace({ id: 'etag', target: 'a', v: 3 }, { accessCondition: stale });
    expect(await statusOf(again)).toBe(412);
    expect(await statusOf(item.delete({ accessCondition: stale }))).toBe(412);
    const upsert = settings.items.upsert(
      { id: 'etag', target: 'a', v: 3 },
      { accessCondition: stale },
    );
    expect(await statusOf(upsert)).toBe(412);
    expect((await item.read<{ v: number }>()).resource?.v).toBe(2);
  });

  test('answer 304 to a read of a version that the client has', async () => {
    const { etag } = await settings.items.create({ id: 'known', target: 'a' });
    const item = settings.item('known', 'a');
    const condition = { accessCondition: { type: 'IfNoneMatch', condition: etag } };
    expect((await item.read(condition)).statusCode).toBe(304);
    await item.replace({ id: 'known', target: 'a', v: 1 });
    expect((await item.read(condition)).statusCode).toBe(200);
  });

  test('are patched by operations, under a condition', async () => {
    await settings.items.create({ id: 'patch', target: 'a', n: 1, list: [1, 2], old: true });
    const item = settings.item('patch', 'a');
    await item.patch([
      { op: PatchOperationType.set, path: '/name', value: 'x' },
      { op: PatchOperationType.incr, path: '/n', value: 4 },
      { op: PatchOperationType.add, path: '/list/-', value: 3 },
      { op: PatchOperationType.replace, path: '/list/0', value: 0 },
      { op: PatchOperationType.remove, path: '/old' },
    ]);
    const { resource } = await item.read<Record<string, unknown>>();
    expect(resource).toMatchObject({ name: 'x', n: 5, list: [0, 2, 3] });
    expect(resource).not.toHaveProperty('old');
    const set = { op: PatchOperationType.set, path: '/n', value: 9 } as const;
    const refused = item.patch({ condition: "FROM c WHERE c.name = 'Y'", operations: [set] });
    expect(await statusOf(refused)).toBe(412);
    await item.patch({ condition: "FROM c WHERE c.name = 'x'", operations: [set] });
    expect((await item.read<{ n: number }>()).resource?.n).toBe(9);
    const absent = item.patch([{ op: PatchOperationType.replace, path: '/none', value: 1 }]);
    expect(await statusOf(absent)).toBe(400);
  });

  test('are addressed by every level of a hierarchical key', async () => {
    await audit.items.create({ id: 'r', target: 'a', month: '2026-11' });
    await audit.items.create({ id: 'r', target: 'a', month: '2026-12' });
    expect((await audit.item('r', ['a', '2026-12']).read()).statusCode).toBe(200);
    expect((await audit.item('r', ['a', '2027-01']).read()).statusCode).toBe(404);
    expect(await statusOf(audit.items.create({ id: 'r', target: 'a', month: '2026-11' }))).toBe(
      409,
    );
  });

  test('above 2 MB are refused, with the connection kept', async () => {
    const text = 'x'.repeat(2 * 1024 * 1024);
    const large = settings.items.create({ id: 'large', target: 'a', text });
    expect(await statusOf(large)).toBe(413);
    const fits = await settings.items.create({ id: 'fits', target: 'a', text: text.slice(1000) });
    expect(fits.statusCode).toBe(201);
  });

  test('have ids and keys of any language', async () => {
    await settings.items.create({ id: 'ä %20+', target: 'ü' });
    expect((await settings.item('ä %20+', 'ü').read()).statusCode).toBe(200);
  });

  test('survive a restart', async () => {
    await settings.items.create({ id: 'kept', target: 'a', v: 7 });
    await account.restart();
    expect((await settings.item('kept', 'a').read<{ v: number }>()).resource?.v).toBe(7);
  });
});

describe('batches', () => {
  test('take effect as a whole', async () => {
    const { result, code } = await settings.items.batch(
      [
        { operationType: 'Create', resourceBody: { id: 'b1', target: 'batch' } },
        { operationType: 'Upsert', resourceBody: { id: 'b2', target: 'batch' } },
        { operationType: 'Read', id: 'b1' },
      ],
      'batch',
    );
    expect(code).toBe(200);
    expect(result?.map((each) => each.statusCode)).toEqual([201, 201, 200]);
    expect(result?.[2]?.resourceBody).toMatchObject({ id: 'b1' });
  });

  test('are undone as a whole when one operation fails', async () => {
    const { result, code } = await settings.items.batch(
      [
        { operationType: 'Create', resourceBody: { id: 'b3', target: 'batch' } },
        { operationType: 'Create', resourceBody: { id: 'b1', target: 'batch' } },
        { operationType: 'Delete', id: 'b2' },
      ],
      'batch',
    );
    expect(code).toBe(207);
    expect(result?.map((each) => each.statusCode)).toEqual([424, 409, 424]);
    expect((await settings.item('b3', 'batch').read()).statusCode).toBe(404);
  });

  test('in bulk each operation stands for itself', async () => {
    const results = await settings.items.executeBulkOperations([
      { operationType: 'Create', resourceBody: { id: 'k1', target: 'x' }, partitionKey: 'x' },
      { operationType: 'Create', resourceBody: { id: 'k1', target: 'x' }, partitionKey: 'x' },
      { operationType: 'Create', resourceBody: { id: 'k1', target: 'y' }, partitionKey: 'y' },
    ]);
    const statuses = results.map((each) => each.response?.statusCode ?? each.error?.code);
    expect(statuses).toEqual([201, 409, 201]);
  });
});

test('a client with another key is refused', async () => {
  const key = Buffer.from('another key').toString('base64');
  const client = new CosmosClient({ endpoint: account.endpoint, key });
  expect(await statusOf(client.database('headroom').read())).toBe(401);
  client.dispose();
});

test('health is answered without a key', async () => {
  const response = await fetch(`${account.endpoint}health`);
  expect(await response.json()).toEqual({ status: 'ok' });
});
