import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CosmosClient } from '@azure/cosmos';
import { connectCosmos } from '@headroom/azure-cosmos';
import type { CosmosOptions, CosmosStores } from '@headroom/azure-cosmos';
import { defaultPolicy, idOf } from '@headroom/core';
import type { AuditRecord, TargetId } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { Log, SettingWrite } from '@headroom/ports';
import { cosmos } from '@headroom/topology';
import { useLocalAzure } from './local-azure.ts';
import { quietLog } from './quiet-log.ts';
import {
  aCommand,
  aHead,
  armSetting,
  decisionRecord,
  newGroup,
  newTarget,
  noon,
} from './samples.ts';
import { within } from './within.ts';

const azure = useLocalAzure();
const logged: string[] = [];
const log: Log = {
  ...quietLog,
  warn: (event) => logged.push(event),
  error: (event) => logged.push(event),
};
const open: CosmosStores[] = [];
let client: CosmosClient;

function connect(options: Partial<CosmosOptions> = {}): CosmosStores {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = azure.current().env;
  const stores = connectCosmos({ endpoint, key, database: cosmos.database, ...options }, log);
  open.push(stores);
  return stores;
}

function settingOf(target: TargetId): SettingWrite {
  const document = armSetting(target);
  return { target, id: 'blue', expected: 0, document, policy: defaultPolicy, overrides: [] };
}

beforeAll(() => {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = azure.current().env;
  client = new CosmosClient({
    endpoint,
    key,
    connectionPolicy: { enableEndpointDiscovery: false },
  });
});

afterAll(() => {
  for (const stores of open) stores.close();
  client.dispose();
});

describe('a final no says what to do', () => {
  test('a wrong key', async () => {
    const key = Buffer.alloc(64, 1).toString('base64');
    const refused = connect({ key }).settings.read(newTarget());
    await expect(refused).rejects.toMatchObject({ name: 'CosmosRefused', status: 401 });
    await expect(refused).rejects.toThrow(/Check the key/);
  });

  test.each([
    ['reading', (stores: CosmosStores) => stores.settings.read(newTarget())],
    ['writing', (stores: CosmosStores) => stores.settings.write(settingOf(newTarget()))],
    [
      'claiming',
      (stores: CosmosStores) => stores.operations.replace(aHead(aCommand(newTarget())), '"1"'),
    ],
  ])('a container that is not there: %s', async (_, call) => {
    const stores = connect({ containers: { settings: 'nothing', operations: 'nothing' } });
    await expect(call(stores)).rejects.toMatchObject({ name: 'CosmosRefused', status: 404 });
  });
});

describe('a document that cannot be read', () => {
  test('of an operation stops whoever wants to act', async () => {
    const stores = connect();
    const head = aHead(aCommand(newTarget()));
    await stores.operations.replace(head, undefined);
    await containerOf('operations')
      .item(idOf(head.exclusionKey), head.exclusionKey)
      .patch([{ op: 'set', path: '/v', value: 99 }]);
    const read = stores.operations.read(head.exclusionKey);
    await expect(read).rejects.toMatchObject({ name: 'UnreadableDocument' });
  });

  test('of the audit log is told and passed over', async () => {
    const stores = connect();
    const target = newTarget();
    const record = decisionRecord(target);
    await stores.audit.create(record);
    await containerOf('audit').items.create({
      id: 'odd',
      target,
      month: '2026-11',
      at: noon,
      v: 99,
    });
    logged.length = 0;
    const found: AuditRecord[] = [];
    for await (const one of stores.audit.query({ target, since: noon })) found.push(one);
    expect(found).toEqual([record]);
    expect(logged).toEqual(['audit.recordUnreadable']);
  });

  test('of the settings is told and passed over', async () => {
    const stores = connect();
    const target = newTarget();
    await stores.settings.write(settingOf(target));
    await containerOf('settings').items.create({ id: 'odd', target: newTarget(), version: 'new' });
    logged.length = 0;
    const abort = new AbortController();
    await stores.settings.follow((versions) => {
      expect(versions.some((version) => version.target === target)).toBe(true);
      abort.abort();
    }, abort.signal);
    expect(logged).toEqual(['settings.documentUnreadable']);
  });
});

test('checkpoints of one process do not move those of another back', async () => {
  const [one, other] = [connect().partitions, connect().partitions];
  const group = newGroup();
  const at = (sequence: number) => ({ partition: '0', sequence, offset: String(sequence) });
  expect(await one.save(group, at(3))).toBe('saved');
  expect(await other.save(group, at(7))).toBe('saved');
  expect(await one.save(group, at(5))).toBe('behind');
  expect(await one.save(group, at(9))).toBe('saved');
  expect(await other.checkpoints(group)).toEqual([at(9)]);
});

test('a listener that throws ends the follower: its error is no failure of the store', async () => {
  const following = connect().settings.follow(() => {
    throw new Error('a fault of the listener');
  }, new AbortController().signal);
  await expect(following).rejects.toThrow('a fault of the listener');
});

test('while the store is away calls are DependencyUnavailable, and a follower waits for it', async () => {
  const stores = connect();
  const target = newTarget();
  const seen = new Map<TargetId, number>();
  const abort = new AbortController();
  const following = stores.settings.follow((versions) => {
    for (const { target, version } of versions) seen.set(target, version);
  }, abort.signal);
  await stores.settings.write(settingOf(target));
  await within('the first version', () => seen.get(target) === 1);

  await azure.current().close();
  await expect(stores.settings.read(target)).rejects.toBeInstanceOf(DependencyUnavailable);
  logged.length = 0;
  await within('the follower to notice', () => logged.includes('settings.followFailed'));

  await azure.restart();
  await stores.settings.write({ ...settingOf(target), expected: 1 });
  await within('the second version', () => seen.get(target) === 2);
  abort.abort();
  await following;
}, 60_000);

function containerOf(role: keyof typeof cosmos.containers) {
  return client.database(cosmos.database).container(cosmos.containers[role].name);
}
