import { expect, jest, test } from '@jest/globals';
import { EventHubConsumerClient } from '@azure/event-hubs';
import { startTestServer, testEntities, until } from '../amqp/server.fixture.ts';
import { ONCE, useTestHub } from './hub.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

const hub = useTestHub();
const NOT_FOUND = { code: 'MessagingEntityNotFoundError' };

test('hub: name, partition ids, and a creation time for its life', async () => {
  const before = await hub.producer().getEventHubProperties();
  expect(before).toMatchObject({ name: 'metrics', partitionIds: ['0', '1'] });
  expect(await hub.producer('METRICS').getPartitionIds()).toEqual(['0', '1']);
  await hub.restart({ clock: () => Date.now() + 5000 });
  const after = await hub.producer().getEventHubProperties();
  expect(after.createdOn).toEqual(before.createdOn);
});

test('partition: empty at first, then its first and last event', async () => {
  const producer = hub.producer();
  const empty = await producer.getPartitionProperties('0');
  expect(empty).toMatchObject({
    eventHubName: 'metrics',
    partitionId: '0',
    isEmpty: true,
    lastEnqueuedSequenceNumber: -1,
  });
  await hub.sendNumbers(3);
  const three = await producer.getPartitionProperties('0');
  expect(three).toMatchObject({
    isEmpty: false,
    beginningSequenceNumber: 0,
    lastEnqueuedSequenceNumber: 2,
  });
  const reading = hub.read('0');
  await until('the events', () => reading.events.length === 3);
  expect(three.lastEnqueuedOffset).toBe(reading.events[2]!.offset);
  expect(three.lastEnqueuedOnUtc).toEqual(reading.events[2]!.enqueuedTimeUtc);
});

test('the consumer client reads the same properties', async () => {
  const { connectionString } = hub.server;
  const consumer = new EventHubConsumerClient('router', connectionString, 'metrics', ONCE);
  hub.onEnd(() => consumer.close());
  expect(await consumer.getPartitionIds()).toEqual(['0', '1']);
  expect(await consumer.getEventHubProperties()).toMatchObject({ name: 'metrics' });
  expect(await consumer.getPartitionProperties('1')).toMatchObject({ isEmpty: true });
});

test('unknown hub: every operation says so', async () => {
  const nope = hub.producer('nope');
  await expect(nope.getEventHubProperties()).rejects.toMatchObject(NOT_FOUND);
  await expect(nope.getPartitionProperties('0')).rejects.toMatchObject(NOT_FOUND);
  await expect(nope.sendBatch([{ body: 1 }])).rejects.toMatchObject(NOT_FOUND);
  const reading = hub.read('0', { hub: 'nope' });
  await until('an error', () => reading.errors.length > 0);
  expect(reading.errors[0]).toMatchObject(NOT_FOUND);
  expect(reading.errors[0]?.message).toMatch(/'nope.*could not be found/);
});

test('unknown partition: every operation says so', async () => {
  const producer = hub.producer();
  await expect(producer.getPartitionProperties('7')).rejects.toThrow(/metrics\/Partitions\/7/);
  await expect(producer.sendBatch([{ body: 1 }], { partitionId: '7' })).rejects.toMatchObject(
    NOT_FOUND,
  );
  const reading = hub.read('7');
  await until('an error', () => reading.errors.length > 0);
  expect(reading.errors[0]).toMatchObject(NOT_FOUND);
});

test('unknown consumer group: a reader is refused by its name', async () => {
  const reading = hub.read('0', { group: 'nobody' });
  await until('an error', () => reading.errors.length > 0);
  expect(reading.errors[0]).toMatchObject(NOT_FOUND);
  expect(reading.errors[0]?.message).toMatch(/ConsumerGroups\/nobody/);
});

test('a hub whose partition count changed is refused at the start', async () => {
  await hub.server.close();
  const { dataFile } = hub;
  const [metrics] = testEntities.eventHubs;
  const entities = { ...testEntities, eventHubs: [{ ...metrics!, partitions: 4 }] };
  await expect(startTestServer({ dataFile, entities })).rejects.toThrow(
    /was created with 2 partitions/,
  );
  await hub.restart();
  expect(await hub.producer().getPartitionIds()).toHaveLength(2);
});
