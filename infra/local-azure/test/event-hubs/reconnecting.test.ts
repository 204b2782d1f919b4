import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import type { ReceivedEventData, SubscribeOptions } from '@azure/event-hubs';
import { startRelay, until } from '../amqp/server.fixture.ts';
import type { Relay } from '../amqp/server.fixture.ts';
import { earliest, useTestHub } from './hub.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

const hub = useTestHub();
const PATIENT = { retryOptions: { maxRetries: 20, retryDelayInMs: 50, timeoutInMs: 3000 } };

let relay: Relay;
let connection: string;

beforeEach(async () => {
  relay = await startRelay(hub.server.port);
  connection = hub.server.connectionString.replace(`:${hub.server.port}`, `:${relay.port}`);
});

afterEach(() => relay[Symbol.dispose]());

/** A consumer that goes on through losses of its connection. */
function readOn(through: string, options: SubscribeOptions = {}): readonly ReceivedEventData[] {
  const client = new EventHubConsumerClient('router', through, 'metrics', PATIENT);
  const events: ReceivedEventData[] = [];
  const subscription = client.subscribe(
    '0',
    {
      processEvents: (batch) => Promise.resolve(void events.push(...batch)),
      processError: () => Promise.resolve(),
    },
    { startPosition: earliest, maxBatchSize: 50, maxWaitTimeInSeconds: 0.2, ...options },
  );
  hub.onEnd(async () => {
    await subscription.close();
    await client.close();
  });
  return events;
}

const sequencesOf = (events: readonly ReceivedEventData[]): readonly number[] =>
  events.map(({ sequenceNumber }) => sequenceNumber);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

test('a consumer whose socket dies goes on where it was, without a gap or a repetition', async () => {
  const events = readOn(connection);
  for (let round = 1; round <= 4; round++) {
    await hub.sendNumbers(100);
    await until('events of this round', () => events.length > (round - 1) * 100);
    // The SDK does not close a client in the middle of coming back.
    if (round < 4) relay.cut();
  }
  await until('all', () => events.length >= 400);
  expect(sequencesOf(events)).toEqual(upTo(400));
});

test('a consumer goes on when the server comes back on the same port', async () => {
  const { port } = hub.server;
  const events = readOn(hub.server.connectionString);
  await hub.sendNumbers(10);
  await until('the first ten', () => events.length === 10);
  await hub.restart({ port });
  await hub.sendNumbers(10);
  await until('the next ten', () => events.length >= 20);
  expect(sequencesOf(events)).toEqual(upTo(20));
});

test('a reader that was taken over leaves its place to the other one', async () => {
  await hub.sendNumbers(5);
  const first = hub.read('0', { ownerLevel: 1 });
  await until('five', () => first.events.length === 5);
  const last = first.events[4]!.sequenceNumber;
  const second = readOn(hub.server.connectionString, {
    ownerLevel: 2,
    startPosition: { sequenceNumber: last },
  });
  await until('the take-over', () => first.errors.length > 0);
  await hub.sendNumbers(5);
  await until('the next five', () => second.length === 5);
  expect(sequencesOf([...first.events, ...second])).toEqual(upTo(10));
});

test('an event whose acknowledgement got lost is sent again: at least once, in order', async () => {
  const producer = new EventHubProducerClient(connection, 'metrics', PATIENT);
  hub.onEnd(() => producer.close());
  const toZero = { partitionId: '0' };
  await producer.sendBatch([{ body: 'first' }], toZero);
  relay.mute();
  const second = producer.sendBatch([{ body: 'second' }], toZero);
  const witness = hub.producer();
  await until('the second to be kept', async () => {
    return (await witness.getPartitionProperties('0')).lastEnqueuedSequenceNumber === 1;
  });
  relay.cut();
  await second;
  await producer.sendBatch([{ body: 'third' }], toZero);
  const bodies = await hub.bodiesFrom(earliest, 4);
  expect(bodies).toEqual(['first', 'second', 'second', 'third']);
});
