import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CosmosClient } from '@azure/cosmos';
import type { Container } from '@azure/cosmos';
import { connectCosmos } from '@headroom/azure-cosmos';
import type { CosmosStores } from '@headroom/azure-cosmos';
import type { Log, LogIdentity } from '@headroom/ports';
import { cosmos } from '@headroom/topology';
import { useLocalAzure } from './local-azure.ts';
import { quietLog } from './quiet-log.ts';
import { aSnapshot, newLog } from './samples.ts';

const azure = useLocalAzure();
const warnings: string[] = [];
const log: Log = { ...quietLog, warn: (event) => warnings.push(event) };
let stores: CosmosStores;
let client: CosmosClient;
let container: Container;

beforeAll(() => {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = azure.current().env;
  stores = connectCosmos({ endpoint, key, database: cosmos.database }, log);
  client = new CosmosClient({
    endpoint,
    key,
    connectionPolicy: { enableEndpointDiscovery: false },
  });
  container = client.database(cosmos.database).container(cosmos.containers.checkpoints.name);
});

afterAll(() => {
  stores.close();
  client.dispose();
});

/** A log whose partition 0 holds snapshots 5 and 9, the latter of several chunks. */
async function twoSnapshots(): Promise<LogIdentity> {
  const log = newLog();
  await stores.snapshots.save(log, 0, aSnapshot(5));
  await stores.snapshots.save(log, 0, aSnapshot(9, 60_000));
  return log;
}

async function idsOf(identity: LogIdentity): Promise<readonly string[]> {
  const { resources } = await container.items
    .query<string>('SELECT VALUE c.id FROM c', { partitionKey: `${identity.logId}/0` })
    .fetchAll();
  return resources;
}

async function patch(identity: LogIdentity, id: string, format: string): Promise<void> {
  const operations = [{ op: 'set' as const, path: '/format', value: format }];
  await container.item(id, `${identity.logId}/0`).patch(operations);
}

test('a document of a snapshot stays below the limit of 2 MB', async () => {
  const identity = await twoSnapshots();
  const chunks = (await idsOf(identity)).filter((id) => id.startsWith('chunk:9:'));
  expect(chunks).toHaveLength(3);
  for (const id of chunks) {
    const { resource } = await container.item(id, `${identity.logId}/0`).read<object>();
    expect(JSON.stringify(resource).length).toBeLessThan(1_500_000);
  }
});

test('a snapshot whose writer died before the manifest is passed over', async () => {
  const identity = await twoSnapshots();
  await container.item('manifest:9', `${identity.logId}/0`).delete();
  expect(await stores.snapshots.newest(identity, 0, 100)).toBe(5);
  expect((await stores.snapshots.load(identity, 0, 100))?.sequence).toBe(5);
});

test('a snapshot that lost a chunk is passed over, with a warning', async () => {
  const identity = await twoSnapshots();
  const chunk = (await idsOf(identity)).find((id) => id.startsWith('chunk:9:'))!;
  await container.item(chunk, `${identity.logId}/0`).delete();
  warnings.length = 0;
  expect((await stores.snapshots.load(identity, 0, 100))?.sequence).toBe(5);
  expect(warnings).toEqual(['snapshots.passedOver']);
});

test('a snapshot of an unknown version is passed over', async () => {
  const identity = await twoSnapshots();
  await patch(identity, 'manifest:9', 'ffffffffff');
  expect(await stores.snapshots.newest(identity, 0, 100)).toBe(5);
  expect((await stores.snapshots.load(identity, 0, 100))?.sequence).toBe(5);
});

test('a newer snapshot removes what is left of older and of unfinished ones', async () => {
  const identity = await twoSnapshots();
  await container.item('manifest:9', `${identity.logId}/0`).delete();
  for (const sequence of [12, 13]) await stores.snapshots.save(identity, 0, aSnapshot(sequence));
  const sequences = (await idsOf(identity)).map((id) => Number(id.split(':')[1]));
  expect(new Set(sequences)).toEqual(new Set([12, 13]));
});
