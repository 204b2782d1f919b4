import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EventHubProducerClient } from '@azure/event-hubs';
import { ServiceBusClient } from '@azure/service-bus';
import { readEntities, startLocalAzure } from '../../src/index.ts';
import type { LocalEntities } from '../../src/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(content: unknown, name = 'config.json'): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const read = (content: unknown): Promise<LocalEntities> => readEntities([fileOf(content)]);

describe('our own file', () => {
  test('names entities; what it leaves out is as Azure has it', async () => {
    const entities = await read({
      eventHubs: [{ name: 'orders' }, { name: 'clicks', partitions: 2, consumerGroups: ['a'] }],
      queues: [{ name: 'work', lockSeconds: 30, forwardTo: 'all' }],
      topics: [{ name: 'all', subscriptions: [{ name: 'eu', filter: "region = 'eu'" }] }],
      databases: [
        { name: 'shop', containers: [{ name: 'orders', partitionKey: '/tenant', ttlSeconds: 60 }] },
      ],
    });
    expect(entities).toEqual({
      amqp: {
        eventHubs: [
          { name: 'orders', partitions: 4, retentionHours: 24, consumerGroups: [] },
          { name: 'clicks', partitions: 2, retentionHours: 24, consumerGroups: ['a'] },
        ],
        queues: [{ name: 'work', maxDeliveryCount: 10, lockSeconds: 30, forwardTo: 'all' }],
        topics: [
          {
            name: 'all',
            duplicateDetectionMinutes: 0,
            subscriptions: [
              { name: 'eu', maxDeliveryCount: 10, lockSeconds: 60, filter: "region = 'eu'" },
            ],
          },
        ],
      },
      databases: [
        {
          name: 'shop',
          containers: [{ name: 'orders', partitionKey: ['/tenant'], ttlSeconds: 60 }],
        },
      ],
    });
  });

  test.each([
    ['{"queues": [', 'config.json is no JSON'],
    [{ queue: [] }, 'the file: Unrecognized key: "queue"'],
    [{ queues: [{ name: 'q', lockSeconds: 'long' }] }, 'queues[0].lockSeconds: Invalid input'],
    [{ eventHubs: [{ name: 'h', partitions: 0 }] }, 'eventHubs[0].partitions: Too small'],
    [
      { databases: [{ name: 'd', containers: [{ name: 'c', partitionKey: 'tenant' }] }] },
      'databases[0].containers[0].partitionKey',
    ],
    [{ queues: [{ name: 'A' }], topics: [{ name: 'a' }] }, "queue or topic 'a' is there twice"],
  ])('refuses %j and names the field', async (content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  test('a file that is not there is named', async () => {
    const file = join(folder, 'none.json');
    await expect(readEntities([file])).rejects.toThrow(
      `The configuration ${file} cannot be read: is not there`,
    );
    await expect(readEntities([folder])).rejects.toThrow('cannot be read: is a folder');
  });

  test('a byte order mark at its beginning is passed over', async () => {
    const { amqp } = await read('\uFEFF{"queues":[{"name":"q"}]}');
    expect(amqp.queues.map(({ name }) => name)).toEqual(['q']);
  });
});

/** As in github.com/Azure/azure-event-hubs-emulator-installer. */
const eventHubs = {
  UserConfig: {
    NamespaceConfig: [
      {
        Type: 'EventHub',
        Name: 'emulatorNs1',
        Entities: [{ Name: 'eh1', PartitionCount: '2', ConsumerGroups: [{ Name: 'cg1' }] }],
      },
    ],
    LoggingConfig: { Type: 'File' },
  },
};

/** As in github.com/Azure/azure-service-bus-emulator-installer, without what we cannot do. */
const serviceBus = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'sbemulatorns',
        Queues: [
          {
            Name: 'queue.1',
            Properties: {
              DeadLetteringOnMessageExpiration: false,
              DefaultMessageTimeToLive: 'PT1H',
              DuplicateDetectionHistoryTimeWindow: 'PT20S',
              ForwardDeadLetteredMessagesTo: '',
              ForwardTo: '',
              LockDuration: 'PT1M',
              MaxDeliveryCount: 3,
              RequiresDuplicateDetection: false,
              RequiresSession: false,
            },
          },
        ],
        Topics: [
          {
            Name: 'topic.1',
            Properties: {
              DefaultMessageTimeToLive: 'P10675199DT2H48M5.4775807S',
              DuplicateDetectionHistoryTimeWindow: 'PT20S',
              RequiresDuplicateDetection: true,
            },
            Subscriptions: [
              {
                Name: 'subscription.1',
                Properties: { LockDuration: 'PT30S', MaxDeliveryCount: 3, RequiresSession: false },
                Rules: [
                  {
                    Name: 'by-properties',
                    Properties: {
                      FilterType: 'Correlation',
                      CorrelationFilter: { ContentType: 'application/text', Label: 'subject1' },
                    },
                  },
                  {
                    Name: 'by-sql',
                    Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression: "a = 'b'" } },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    Logging: { Type: 'File' },
  },
};

describe("the emulators' Config.json", () => {
  test('of Event Hubs gives its hubs, with partitions and consumer groups', async () => {
    expect((await read(eventHubs)).amqp.eventHubs).toEqual([
      { name: 'eh1', partitions: 2, retentionHours: 1, consumerGroups: ['cg1'] },
    ]);
  });

  test('of Service Bus gives queues, topics, subscriptions and rules', async () => {
    const { amqp } = await read(serviceBus);
    expect(amqp.queues).toEqual([
      {
        name: 'queue.1',
        maxDeliveryCount: 3,
        lockSeconds: 60,
        defaultTimeToLiveSeconds: 3600,
        deadLetterOnExpiration: false,
        duplicateDetectionMinutes: 0,
      },
    ]);
    expect(amqp.topics).toEqual([
      {
        name: 'topic.1',
        duplicateDetectionMinutes: 20 / 60,
        subscriptions: [
          {
            name: 'subscription.1',
            maxDeliveryCount: 3,
            lockSeconds: 30,
            rules: [
              {
                name: 'by-properties',
                filter: { kind: 'correlation', contentType: 'application/text', label: 'subject1' },
              },
              { name: 'by-sql', filter: { kind: 'sql', expression: "a = 'b'" } },
            ],
          },
        ],
      },
    ]);
  });

  const withQueue = (properties: object): unknown => ({
    UserConfig: { Namespaces: [{ Queues: [{ Name: 'q', Properties: properties }] }] },
  });
  const withRule = (properties: object): unknown => ({
    UserConfig: {
      Namespaces: [
        {
          Topics: [
            {
              Name: 't',
              Subscriptions: [{ Name: 's', Rules: [{ Name: 'r', Properties: properties }] }],
            },
          ],
        },
      ],
    },
  });
  const queue = 'UserConfig.Namespaces[0].Queues[0].Properties';
  const rule = 'UserConfig.Namespaces[0].Topics[0].Subscriptions[0].Rules[0].Properties';

  test.each([
    [withQueue({ RequiresSession: true }), `${queue}.RequiresSession: sessions are not supported`],
    [
      withQueue({ LockDuration: '1 minute' }),
      `${queue}.LockDuration: expected an ISO 8601 duration`,
    ],
    [withQueue({ EnablePartitioning: true }), `${queue}: Unrecognized key: "EnablePartitioning"`],
    [
      withRule({
        FilterType: 'Sql',
        SqlFilter: { SqlExpression: '1=1' },
        Action: { SqlExpression: 'SET a = 1' },
      }),
      `${rule}.Action: actions of rules are not supported`,
    ],
  ])('what it says and we cannot do is refused by its name (%#)', async (content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  test('both are served to the real clients', async () => {
    const files = [fileOf(eventHubs, 'hubs.json'), fileOf(serviceBus, 'bus.json')];
    await using azure = await startLocalAzure({ entities: await readEntities(files) });
    const producer = new EventHubProducerClient(azure.env.EVENTHUBS_CONNECTION_STRING, 'eh1');
    expect(await producer.getPartitionIds()).toEqual(['0', '1']);
    await producer.close();
    const bus = new ServiceBusClient(azure.env.SERVICEBUS_CONNECTION_STRING);
    await bus.createSender('queue.1').sendMessages({ body: 'hello' });
    const [message] = await bus.createReceiver('queue.1').receiveMessages(1);
    expect(message?.body).toBe('hello');
    await bus.close();
  });
});

const hub = (name: string, partitions = 2): LocalEntities['amqp']['eventHubs'][number] => ({
  name,
  partitions,
  retentionHours: 1,
  consumerGroups: [],
});
const entitiesOf = (...eventHubsOf: ReturnType<typeof hub>[]): LocalEntities => ({
  amqp: { eventHubs: eventHubsOf, queues: [], topics: [] },
  databases: [],
});

describe('entities of a folder that was used before', () => {
  test('new ones appear; removed ones are kept but not served; both are said', async () => {
    const dataDir = join(folder, 'state');
    const first = await startLocalAzure({ dataDir, entities: entitiesOf(hub('old')) });
    const before = new EventHubProducerClient(first.env.EVENTHUBS_CONNECTION_STRING, 'old');
    await before.sendBatch([{ body: 'kept' }], { partitionId: '0' });
    await before.close();
    await first.close();
    const second = await startLocalAzure({ dataDir, entities: entitiesOf(hub('new')) });
    expect(second.unserved).toEqual(['old']);
    const fresh = new EventHubProducerClient(second.env.EVENTHUBS_CONNECTION_STRING, 'new');
    expect(await fresh.getPartitionIds()).toHaveLength(2);
    await fresh.close();
    await second.close();
    await using third = await startLocalAzure({
      dataDir,
      entities: entitiesOf(hub('new'), hub('old')),
    });
    expect(third.unserved).toEqual([]);
    const again = new EventHubProducerClient(third.env.EVENTHUBS_CONNECTION_STRING, 'old');
    expect((await again.getPartitionProperties('0')).lastEnqueuedSequenceNumber).toBe(0);
    await again.close();
  });

  test('another partition count is refused', async () => {
    const dataDir = join(folder, 'state');
    await (await startLocalAzure({ dataDir, entities: entitiesOf(hub('h', 2)) })).close();
    const other = startLocalAzure({ dataDir, entities: entitiesOf(hub('h', 3)) });
    await expect(other).rejects.toThrow(/'h' was created with 2 partitions/);
  });
});
