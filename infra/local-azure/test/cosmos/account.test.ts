import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Container, PatchOperation, Plugin } from '@azure/cosmos';
import { CosmosClient, PatchOperationType } from '@azure/cosmos';
import type { TestAccount } from './account.fixture.ts';
import { startTestAccount, statusOf } from './account.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(60_000);

let account: TestAccount;
let items: Container;

beforeAll(async () => {
  account = await startTestAccount();
  items = await account.container({ id: 'items', partitionKey: '/p' });
});
afterAll(() => account.close());

describe('the account', () => {
  test('names one region, which is itself', async () => {
    const { resource } = await account.client.getDatabaseAccount();
    expect(resource?.readableLocations).toEqual([
      { name: 'Local', databaseAccountEndpoint: account.endpoint },
    ]);
    expect(resource?.consistencyPolicy).toBe('Session');
  });

  test('finds databases and containers by a query', async () => {
    const parameters = [{ name: '@id', value: 'headroom' }];
    const query = 'SELECT VALUE r.id FROM root r WHERE r.id = @id';
    const found = await account.client.databases.query({ query, parameters }).fetchAll();
    expect(found.resources).toEqual(['headroom']);
    const database = account.client.database('headroom');
    const containers = await database.containers.query({ query: 'SELECT * FROM c' }).fetchAll();
    expect(containers.resources.map((each) => (each as { id: string }).id)).toContain('items');
    const sorted = database.containers.query({ query: 'SELECT * FROM c ORDER BY c.id' }).fetchAll();
    expect(await statusOf(sorted)).toBe(501);
  });

  test('deletes a database with all its containers', async () => {
    const { database } = await account.client.databases.create({ id: 'passing' });
    const { container } = await database.containers.create({ id: 'c', partitionKey: '/p' });
    await container.items.create({ id: '1', p: 'a' });
    await database.delete();
    expect(await statusOf(container.items.create({ id: '2', p: 'a' }))).toBe(404);
    expect(await statusOf(database.read())).toBe(404);
  });
});

describe('a container', () => {
  test('keeps its documents when it is replaced, and its partition key', async () => {
    const container = await account.container({ id: 'replaced', partitionKey: '/p' });
    await container.items.create({ id: '1', p: 'a' });
    const definition = { id: 'replaced', partitionKey: { paths: ['/p'] } };
    const compositeIndexes = [
      [
        { path: '/a', order: 'ascending' as const },
        { path: '/b', order: 'descending' as const },
      ],
    ];
    const indexingPolicy = { indexingMode: 'consistent' as const, compositeIndexes };
    const { resource } = await container.replace({ ...definition, defaultTtl: 60, indexingPolicy });
    expect(resource?.defaultTtl).toBe(60);
    expect(resource?.indexingPolicy?.compositeIndexes).toEqual(compositeIndexes);
    expect((await container.items.readAll().fetchAll()).resources).toHaveLength(1);
    const other = container.replace({ id: 'replaced', partitionKey: { paths: ['/other'] } });
    expect(await statusOf(other)).toBe(400);
  });

  test.each([
    ['partitionKey', { id: 'bad', partitionKey: { paths: ['p'] } }],
    ['defaultTtl', { id: 'bad', partitionKey: { paths: ['/p'] }, defaultTtl: 0 }],
    ['id must be text', { id: 'a'.repeat(256), partitionKey: { paths: ['/p'] } }],
    [
      'uniqueKeyPolicy is not supported',
      { id: 'bad', partitionKey: '/p', uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/a'] }] } },
    ],
  ])(
    'with a wrong definition is refused by the name of the field: %s',
    async (named, definition) => {
      const created = account.client.database('headroom').containers.create(definition);
      await expect(created).rejects.toThrow(named);
    },
  );

  test('has one range of partition keys', async () => {
    const { resources } = await items.readPartitionKeyRanges().fetchAll();
    expect(resources).toMatchObject([{ id: '0', minInclusive: '', maxExclusive: 'FF' }]);
    expect(await items.getFeedRanges()).toHaveLength(1);
  });

  test('tells its throughput, which cannot be changed', async () => {
    const { offer, resource } = await items.readOffer();
    expect(resource?.content?.offerThroughput).toBe(400);
    expect((await offer.read()).resource?.id).toBe(resource?.id);
    const changed = { ...resource!, content: { ...resource!.content!, offerThroughput: 500 } };
    expect(await statusOf(offer.replace(changed))).toBe(501);
  });
});

describe('items with other keys', () => {
  test.each([
    ['a number', 1, 1],
    ['a negative number', -1.5, -1.5],
    ['true', true, true],
    ['null', null, null],
    ['nothing', undefined, undefined],
    ['a text like a number', '1', '1'],
  ])('are found by %s alone', async (name, value, key) => {
    const container = await account.container({ id: 'keys', partitionKey: '/p' });
    await container.items.create({ id: 'k', p: value, name });
    const { resource } = await container.item('k', key).read<{ name: string }>();
    expect(resource?.name).toBe(name);
    const found = container.items.query('SELECT VALUE c.name FROM c', {
      partitionKey: value === undefined ? [{}] : key,
    });
    expect((await found.fetchAll()).resources).toEqual([name]);
  });

  test('are all deleted by their partition key', async () => {
    for (const id of ['1', '2', '3']) await items.items.create({ id, p: 'gone' });
    await items.items.create({ id: '1', p: 'kept' });
    await items.deleteAllItemsForPartitionKey('gone');
    expect((await items.item('1', 'gone').read()).statusCode).toBe(404);
    expect((await items.item('1', 'kept').read()).statusCode).toBe(200);
  });
});

describe('patches', () => {
  const patched = async (body: object, operations: PatchOperation[]): Promise<unknown> => {
    const id = `patch${Math.random()}`;
    await items.items.create({ id, p: 'a', ...body });
    const { resource } = await items.item(id, 'a').patch<Record<string, unknown>>(operations);
    const entries = Object.entries(resource ?? {});
    return Object.fromEntries(entries.filter(([name]) => !/^_[a-z]|^id$|^p$/.test(name)));
  };
  const { add, set, replace, remove, incr } = PatchOperationType;

  test.each<[string, object, PatchOperation[], object]>([
    ['add to a list', { l: [1, 3] }, [{ op: add, path: '/l/1', value: 2 }], { l: [1, 2, 3] }],
    ['add behind a list', { l: [1] }, [{ op: add, path: '/l/-', value: 2 }], { l: [1, 2] }],
    ['set below', { o: {} }, [{ op: set, path: '/o/x', value: null }], { o: { x: null } }],
    ['set an element', { l: [1, 2] }, [{ op: set, path: '/l/0', value: 9 }], { l: [9, 2] }],
    ['replace', { o: { x: 1 } }, [{ op: replace, path: '/o/x', value: 2 }], { o: { x: 2 } }],
    ['remove an element', { l: [1, 2] }, [{ op: remove, path: '/l/0' }], { l: [2] }],
    ['increase what is not there', {}, [{ op: incr, path: '/n', value: 2.5 }], { n: 2.5 }],
    ['increase', { n: 1 }, [{ op: incr, path: '/n', value: -3 }], { n: -2 }],
    ['escaped names', { 'a/b': 1 }, [{ op: incr, path: '/a~1b', value: 1 }], { 'a/b': 2 }],
    [
      'move',
      { a: { x: 1 }, b: {} },
      [{ op: 'move', from: '/a/x', path: '/b/y' } as never],
      { a: {}, b: { y: 1 } },
    ],
  ])('%s', async (_, body, operations, expected) => {
    expect(await patched(body, operations)).toEqual(expected);
  });

  test.each<[string, PatchOperation]>([
    ['replace what is not there', { op: replace, path: '/none', value: 1 }],
    ['remove what is not there', { op: remove, path: '/none' }],
    ['below what is not there', { op: set, path: '/none/x', value: 1 }],
    ['an element that is not there', { op: replace, path: '/l/5', value: 1 }],
    ['increase a text', { op: incr, path: '/t', value: 1 }],
    ['the id', { op: set, path: '/id', value: 'x' }],
    ['the partition key', { op: set, path: '/p', value: 'b' }],
    ['an unknown operation', { op: 'copy', path: '/t', from: '/l' } as never],
  ])('are refused whole: %s', async (_, operation) => {
    await items.items.upsert({ id: 'whole', p: 'a', t: 'x', l: [1] });
    const first: PatchOperation = { op: set, path: '/t', value: 'changed' };
    expect(await statusOf(items.item('whole', 'a').patch([first, operation]))).toBe(400);
    const { resource } = await items.item('whole', 'a').read<{ t: string }>();
    expect(resource?.t).toBe('x');
  });

  test('run in a batch, under the ETag that it names', async () => {
    await items.items.create({ id: 'in-batch', p: 'a', n: 1 });
    const patch = (ifMatch?: string) =>
      items.items.batch(
        [
          {
            operationType: 'Patch',
            id: 'in-batch',
            resourceBody: { operations: [{ op: incr, path: '/n', value: 1 }] },
            ...(ifMatch === undefined ? {} : { ifMatch }),
          },
          { operationType: 'Read', id: 'in-batch' },
        ],
        'a',
      );
    const { result } = await patch();
    expect(result?.[1]?.resourceBody).toMatchObject({ n: 2 });
    const stale = await patch('"another"');
    expect(stale.result?.map((each) => each.statusCode)).toEqual([412, 424]);
  });

  test('have at most ten operations', async () => {
    const operation: PatchOperation = { op: incr, path: '/n', value: 1 };
    await items.items.create({ id: 'limits', p: 'a', n: 1 });
    const eleven = items.item('limits', 'a').patch(Array.from({ length: 11 }, () => operation));
    expect(await statusOf(eleven)).toBe(400);
  });
});

describe('what is not there answers 501 with its name', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['stored procedures', () => items.scripts.storedProcedures.readAll().fetchAll()],
    ['stored procedures', () => items.scripts.storedProcedure('s').execute('a')],
    ['triggers', () => items.scripts.triggers.create({ id: 't', body: '' } as never)],
    ['user-defined functions', () => items.scripts.userDefinedFunctions.readAll().fetchAll()],
    ['users', () => account.client.database('headroom').users.readAll().fetchAll()],
    ['conflicts', () => items.conflicts.readAll().fetchAll()],
    [
      'triggers',
      () => items.items.create({ id: 'triggered', p: 'a' }, { preTriggerInclude: 'check' }),
    ],
  ])('%s', async (named, call) => {
    await expect(call()).rejects.toMatchObject({
      code: 501,
      message: expect.stringContaining(named) as unknown,
    });
  });
});

test('every answer tells its charge and the session, by the rules of thumb', async () => {
  const created = await items.items.create({ id: 'charged', p: 'a', text: 'x'.repeat(2_500) });
  expect(created.requestCharge).toBe(15);
  const read = await items.item('charged', 'a').read();
  expect(read.requestCharge).toBe(3);
  expect(read.headers['x-ms-session-token']).toMatch(/^0:-1#\d+$/);
  const found = await items.items.query('SELECT VALUE 1 FROM c', { partitionKey: 'a' }).fetchNext();
  expect(found.requestCharge).toBeGreaterThan(2.3);
  expect(found.requestCharge).toBeLessThan(4);
});

describe('with a budget of request units', () => {
  test('what is above is answered with 429 and the time to wait, and succeeds after it', async () => {
    const limited = await startTestAccount({ requestUnitsPerSecond: 20 });
    try {
      const container = await limited.container({ id: 'c', partitionKey: '/p' });
      limited.advance(1_000);
      // Lets requests in until the units are used up: the fifth write is one too many.
      const { endpoint, key } = limited;
      const connectionPolicy = { retryOptions: { maxRetryAttemptCount: 0 } };
      const impatient = new CosmosClient({ endpoint, key, connectionPolicy });
      const same = impatient.database('headroom').container('c');
      const create = (id: string) => same.items.create({ id, p: 'a' });
      await container.read();
      limited.advance(1_000);
      for (const id of ['1', '2', '3', '4']) await create(id);
      const refused = await create('5').catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: 429,
        substatus: 3200,
        retryAfterInMs: expect.any(Number),
      });
      const patient = patientClient(limited);
      const retried = await patient
        .database('headroom')
        .container('c')
        .items.create({ id: '5', p: 'a' });
      expect(retried.statusCode).toBe(201);
      patient.dispose();
      impatient.dispose();
    } finally {
      await limited.close();
    }
  });
});

/** Moves the server's clock when it is told to wait, so that the SDK's next attempt succeeds. */
function patientClient(limited: TestAccount): CosmosClient {
  const { endpoint, key } = limited;
  const waiting: Plugin<never> = async (context, _diagnostics, next) => {
    try {
      return await next(context);
    } catch (error) {
      if ((error as { code?: number }).code === 429) limited.advance(1_000);
      throw error;
    }
  };
  return new CosmosClient({
    endpoint,
    key,
    plugins: [{ on: 'request', plugin: waiting }],
  } as never);
}
