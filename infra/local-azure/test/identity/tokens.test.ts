import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CosmosClient } from '@azure/cosmos';
import { EventHubProducerClient } from '@azure/event-hubs';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import type { TokenCredential } from '@azure/core-auth';
import { ClientSecretCredential, DefaultAzureCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import { cosmos, eventHubs, serviceBus } from '@headroom/topology';
import { SUBSCRIPTION } from '../arm/server.fixture.ts';
import { fixedToken, forge, forgeries, processVariables, refusalOf } from './sign-in.fixture.ts';
import { startTrusted, variablesOf } from './sign-in.fixture.ts';
import type { TrustedAzure } from './sign-in.fixture.ts';

let running: TrustedAzure;
beforeAll(async () => {
  running = await startTrusted();
});
afterAll(async () => running[Symbol.asyncDispose]());

const once = { retryOptions: { maxRetries: 0 } };

/** One call of each service with the credential. */
const calls = {
  'Event Hubs': async (credential: TokenCredential) => {
    const { EVENTHUBS_NAMESPACE: host } = running.azure.identityEnv;
    const client = new EventHubProducerClient(host, eventHubs.metrics.name, credential, once);
    try {
      await client.sendBatch([{ body: 'by token' }]);
      return await client.getEventHubProperties();
    } finally {
      await client.close();
    }
  },
  'Service Bus': async (credential: TokenCredential) => {
    const { SERVICEBUS_NAMESPACE: host } = running.azure.identityEnv;
    const client = new ServiceBusClient(host, credential, once);
    const { name } = serviceBus.queue;
    try {
      await client.createSender(name).sendMessages({ body: 'by token' });
      const receiver = client.createReceiver(name, { receiveMode: 'receiveAndDelete' });
      const [message] = await receiver.receiveMessages(1);
      return message?.body as unknown;
    } finally {
      await client.close();
    }
  },
  'Cosmos DB': async (aadCredentials: TokenCredential) => {
    const { COSMOS_ENDPOINT: endpoint } = running.azure.identityEnv;
    const client = new CosmosClient({ endpoint, aadCredentials });
    try {
      const container = client.database(cosmos.database).container('rejected');
      return (await container.items.upsert({ id: 'by-token' })).resource;
    } finally {
      client.dispose();
    }
  },
  'Resource Manager': async (credential: TokenCredential) => {
    const { ARM_ENDPOINT: endpoint } = running.azure.identityEnv;
    const options = { endpoint, ...once };
    const client = new AzureMachineLearningWorkspaces(credential, SUBSCRIPTION, options);
    const location = 'westeurope';
    return client.workspaces.beginCreateOrUpdateAndWait('rg', 'by-token', { location });
  },
} as const;
const services = Object.keys(calls) as readonly (keyof typeof calls)[];

describe('a token lets in', () => {
  test.each(services)(
    '%s: the application, by DefaultAzureCredential and its variables',
    async (name) => {
      using held = new DisposableStack();
      held.use(processVariables(variablesOf(running, 'application')));
      expect(await calls[name](new DefaultAzureCredential())).toBeDefined();
    },
  );

  test.each(services)(
    '%s: the managed identity, by DefaultAzureCredential and its variables',
    async (name) => {
      using held = new DisposableStack();
      held.use(processVariables(variablesOf(running, 'managed identity')));
      expect(await calls[name](new DefaultAzureCredential())).toBeDefined();
    },
  );

  test('the application in the tenant by its id, where instance discovery is off', async () => {
    const { tenantId, application } = running.tenant;
    const { clientId, clientSecret } = application;
    const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
      authorityHost: running.azure.identityEnv.AZURE_AUTHORITY_HOST,
      disableInstanceDiscovery: true,
    });
    expect(await calls['Resource Manager'](credential)).toBeDefined();
  });

  test('a client with a wrong secret gets Entra’s error, without the secret in it', async () => {
    const variables = variablesOf(running, 'application');
    using held = new DisposableStack();
    held.use(processVariables({ ...variables, AZURE_CLIENT_SECRET: 'wrong-secret' }));
    const { message } = await refusalOf(calls['Resource Manager'](new DefaultAzureCredential()));
    expect(message).toContain('AADSTS7000215');
    expect(message).not.toContain('wrong-secret');
  });
});

const audiences = {
  'Event Hubs': ['https://eventhubs.azure.net', 'https://eventhubs.azure.net/'],
  'Service Bus': ['https://servicebus.azure.net', 'https://servicebus.azure.net/'],
  'Cosmos DB': ['https://cosmos.azure.com', 'https://localhost'],
  'Resource Manager': ['https://management.azure.com', 'https://management.core.windows.net/'],
} as const;
/** How each SDK says 401. */
const refused = {
  'Event Hubs': 'UnauthorizedError',
  'Service Bus': 'UnauthorizedAccess',
  'Cosmos DB': 401,
  'Resource Manager': 401,
} as const;
const nowS = (): number => Math.floor(Date.now() / 1000);

describe.each(services)('%s', (name) => {
  test.each(audiences[name])('takes tokens for %s', async (audience) => {
    const token = await forge(running.tenant, audience, nowS());
    expect(await calls[name](fixedToken(token))).toBeDefined();
  });

  test.each(forgeries)('refuses a token %s', async (_what, forgery, reason) => {
    const token = await forge(running.tenant, audiences[name][0], nowS(), forgery);
    const { status, message } = await refusalOf(calls[name](fixedToken(token)));
    expect(status).toBe(refused[name]);
    expect(message).toMatch(reason);
    expect(message).not.toContain(token);
  });
});
