import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultPolicy, targetId } from '@headroom/core';
import { startLocalAzure } from '@headroom/local-azure';
import type { LocalAzure } from '@headroom/local-azure';
import { cosmos } from '@headroom/topology';
import { Documents } from './documents.ts';
import type { ChangeReader } from './documents.ts';
import { CosmosSettings } from './settings.ts';

/** A change feed that brings nothing: what is left is the full read. */
class Deaf extends Documents {
  override changes(): ChangeReader {
    return () => Promise.resolve([]);
  }
}

const pace = { pollMs: 20, fullReadMs: 60, retryFirstMs: 20, retryMaxMs: 100 };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const target = targetId('/subscriptions/s/deployments/blue');
let folder = '';
let azure: LocalAzure;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headroom-settings-'));
  azure = await startLocalAzure({ dataDir: folder });
});
afterAll(async () => {
  await azure.close();
  await rm(folder, { recursive: true, force: true });
});

test('the full read brings what the changes missed, and nothing twice', async () => {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = azure.env;
  const connectionPolicy = { enableEndpointDiscovery: false };
  const client = new CosmosClient({ endpoint, key, connectionPolicy });
  const container = client.database(cosmos.database).container(cosmos.containers.settings.name);
  const settings = new CosmosSettings(new Deaf(container), quiet, pace);
  const write = (expected: number) =>
    settings.write({
      target,
      id: 'one',
      expected,
      document: {},
      policy: defaultPolicy,
      overrides: [],
    });
  await write(0);
  const ending = new AbortController();
  const told: (readonly number[])[] = [];
  const following = settings.follow((versions) => {
    told.push(versions.map(({ version }) => version));
    if (told.length === 1) void write(1);
    if (told.length === 2) void write(2);
    if (told.length === 3) ending.abort();
  }, ending.signal);
  await following;
  expect(told).toEqual([[1], [2], [3]]);
  client.dispose();
});
