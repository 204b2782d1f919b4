import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { CosmosClient } from '@azure/cosmos';
import { EventHubProducerClient } from '@azure/event-hubs';
import { ServiceBusClient } from '@azure/service-bus';
import { eventHubs, serviceBus } from '@headroom/topology';
import { startLocalAzure } from '../../src/index.ts';
import { SUBSCRIPTION } from '../arm/server.fixture.ts';
import { fixedToken, refusalOf, startTrusted } from './sign-in.fixture.ts';
import type { TrustedAzure } from './sign-in.fixture.ts';

let running: TrustedAzure;
beforeAll(async () => {
  running = await startTrusted({ disableLocalAuth: true });
});
afterAll(async () => running[Symbol.asyncDispose]());

const once = { retryOptions: { maxRetries: 0 } };

describe('with local authentication disabled', () => {
  test('env.json holds what an identity needs, and no key', () => {
    const { azure, dataDir } = running;
    const written = JSON.parse(readFileSync(join(dataDir, 'env.json'), 'utf8')) as object;
    expect(written).toEqual(azure.identityEnv);
    expect(Object.keys(written)).toEqual([
      ...['EVENTHUBS_NAMESPACE', 'SERVICEBUS_NAMESPACE', 'COSMOS_ENDPOINT', 'ARM_ENDPOINT'],
      ...['NODE_EXTRA_CA_CERTS', 'AZURE_AUTHORITY_HOST', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID'],
      ...['AZURE_CLIENT_SECRET', 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
    ]);
  });

  test('the shared key of Event Hubs and Service Bus is refused', async () => {
    const { EVENTHUBS_CONNECTION_STRING: connection } = running.azure.env;
    const hub = new EventHubProducerClient(connection, eventHubs.metrics.name, once);
    const bus = new ServiceBusClient(connection, once);
    const sending = bus.createSender(serviceBus.queue.name).sendMessages({ body: 1 });
    for (const call of [hub.getEventHubProperties(), sending]) {
      expect((await refusalOf(call)).message).toContain('LocalAuthDisabled');
    }
    await hub.close();
    await bus.close();
  });

  test('the key of Cosmos DB is refused', async () => {
    const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = running.azure.env;
    const client = new CosmosClient({ endpoint, key });
    const { status, message } = await refusalOf(client.getDatabaseAccount());
    client.dispose();
    expect(status).toBe(401);
    expect(message).toContain('Local authorization is disabled');
  });

  test('the fixed token of Resource Manager is refused', async () => {
    const { ARM_ENDPOINT: endpoint, ARM_TOKEN } = running.azure.env;
    const options = { endpoint, ...once };
    const client = new AzureMachineLearningWorkspaces(fixedToken(ARM_TOKEN), SUBSCRIPTION, options);
    const { status, message } = await refusalOf(client.workspaces.get('rg', 'ws'));
    expect(status).toBe(401);
    expect(message).toContain('Local authentication is disabled');
  });
});

describe('the local tenant', () => {
  test('is kept in a file for its owner, with its secrets and ports, from start to start', async () => {
    await using first = await startTrusted({ disableLocalAuth: true });
    const { dataDir, azure } = first;
    expect(statSync(join(dataDir, 'azure', 'identity.json')).mode & 0o777).toBe(0o600);
    await azure.close();
    await using second = await startLocalAzure({ dataDir, disableLocalAuth: true });
    expect(second.identityEnv).toEqual(azure.identityEnv);
  });

  test('a start that refuses keys keeps them for the next one that takes them', async () => {
    await using first = await startTrusted();
    const { dataDir, azure } = first;
    await azure.close();
    await (await startLocalAzure({ dataDir, disableLocalAuth: true })).close();
    expect(statSync(join(dataDir, 'azure', 'keys.json')).mode & 0o777).toBe(0o600);
    await using third = await startLocalAzure({ dataDir });
    expect(third.env).toEqual(azure.env);
  });

  test('a damaged file is refused by name, without what it holds', async () => {
    await using own = await startTrusted();
    const { dataDir, azure, tenant } = own;
    await azure.close();
    const file = join(dataDir, 'azure', 'identity.json');
    writeFileSync(file, JSON.stringify({ ...tenant, signingKey: 7 }));
    const { message } = await refusalOf(startLocalAzure({ dataDir }));
    expect(message).toContain(`${file} is damaged`);
    expect(message).not.toContain(tenant.application.clientSecret);
  });
});
