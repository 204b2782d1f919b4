import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { startTestServer, testEntities, until } from '../amqp/server.fixture.ts';
import { earliest, useTestHub } from './hub.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

const MEGABYTE = 1024 * 1024;
const hub = useTestHub();

function entitiesKeeping(retentionBytes: number): typeof testEntities {
  const [metrics] = testEntities.eventHubs;
  return { ...testEntities, eventHubs: [{ ...metrics!, retentionBytes }] };
}

test('by time: what is too old goes, and positions do not start again', async () => {
  await hub.restart({ clock: () => Date.now() - 2 * 3_600_000 });
  await hub.sendNumbers(3);
  await hub.restart({ clock: () => Date.now() - 1_800_000 });
  await hub.send([{ body: 'young' }]);
  await hub.restart({ housekeepingMs: 20 });
  const producer = hub.producer();
  await until('the old events to go', async () => {
    return (await producer.getPartitionProperties('0')).beginningSequenceNumber === 3;
  });
  expect(await hub.bodiesFrom(earliest, 1)).toEqual(['young']);
});

test('by time: a partition whose events are all gone goes on counting', async () => {
  await hub.restart({ clock: () => Date.now() - 2 * 3_600_000 });
  await hub.sendNumbers(2);
  await hub.restart({ housekeepingMs: 20 });
  const producer = hub.producer();
  await until('an empty partition', async () => {
    return (await producer.getPartitionProperties('0')).isEmpty;
  });
  await hub.restart();
  await hub.sendNumbers(1);
  const { lastEnqueuedSequenceNumber } = await hub.producer().getPartitionProperties('0');
  expect(lastEnqueuedSequenceNumber).toBe(2);
});

test('by size: the oldest go, a reader behind starts at the first that is there', async () => {
  await hub.restart({ entities: entitiesKeeping(4 * MEGABYTE) });
  const producer = hub.producer();
  const first = await producer.createBatch({ partitionId: '0' });
  while (first.tryAdd({ body: 'x'.repeat(5000) }));
  for (let n = 0; n < 8; n++) await producer.sendBatch(first);
  let begin = 0;
  await until('the oldest to go', async () => {
    ({ beginningSequenceNumber: begin } = await producer.getPartitionProperties('0'));
    return begin >= 5 * first.count;
  });
  for (const startPosition of [earliest, { sequenceNumber: 3 }, { enqueuedOn: 0 }]) {
    const reading = hub.read('0', { startPosition });
    await until('an event', () => reading.events.length > 0);
    expect(reading.events[0]!.sequenceNumber).toBe(begin);
    await reading.subscription.close();
  }
});

test('by size: the data file stays bounded, however much is written', async () => {
  const bound = 4 * MEGABYTE;
  await hub.restart({ entities: entitiesKeeping(bound) });
  const producer = hub.producer();
  const batches = await Promise.all(
    ['0', '1'].map(async (partitionId) => {
      const batch = await producer.createBatch({ partitionId });
      while (batch.tryAdd({ body: 'x'.repeat(20_000) }));
      return batch;
    }),
  );
  const size = (): number => {
    const folder = dirname(hub.dataFile);
    return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  };
  let largest = 0;
  for (let written = 0; written < 14 * bound; written += 2 * MEGABYTE) {
    await Promise.all(batches.map((batch) => producer.sendBatch(batch)));
    largest = Math.max(largest, size());
  }
  // The log in front of the file is 16 MB before it is copied; the file itself keeps its pages.
  expect(largest).toBeGreaterThan(bound);
  expect(largest).toBeLessThan(2 * bound + 24 * MEGABYTE);
});

test('a size that keeps nothing is refused at the start', async () => {
  await expect(startTestServer({ entities: entitiesKeeping(0) })).rejects.toThrow(
    /Event hub 'metrics': retentionBytes is 0; give 1 or more/,
  );
});

test('enqueued times never go back, also when the clock does', async () => {
  await hub.sendNumbers(1);
  const { lastEnqueuedOnUtc } = await hub.producer().getPartitionProperties('0');
  await hub.restart({ clock: () => lastEnqueuedOnUtc.getTime() - 60_000 });
  await hub.sendNumbers(1);
  const after = await hub.producer().getPartitionProperties('0');
  expect(after.lastEnqueuedSequenceNumber).toBe(1);
  expect(after.lastEnqueuedOnUtc).toEqual(lastEnqueuedOnUtc);
});
