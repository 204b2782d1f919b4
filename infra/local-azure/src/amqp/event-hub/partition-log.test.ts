import { expect, test } from '@jest/globals';
import { Journal } from '../journal/journal.ts';
import * as enc from '../protocol/encode.ts';
import { until } from '../../../test/amqp/server.fixture.ts';
import { EventStore } from './event-store.ts';
import { PartitionLog } from './partition-log.ts';

const event = enc.described(0x75, enc.binary(Buffer.from('x')));

test('all events that are too old go, however many, while others are still taken', async () => {
  const journal = new Journal(':memory:');
  const store = new EventStore(journal.db);
  let now = 1000;
  const log = new PartitionLog(store.openPartition('metrics', 0), store, journal, () => now);
  const append = (count: number): Promise<unknown> =>
    new Promise((resolve) =>
      log.append(
        Array.from({ length: count }, () => event),
        resolve,
      ),
    );
  await append(12_000);
  now = 5000;
  await append(3);

  log.trim(2000);
  const meanwhile = append(1);
  expect(log.firstSequence).toBeLessThan(12_000);
  await meanwhile;
  await until('the old events to go', () => log.firstSequence === 12_000);
  journal.flush();
  const first = store.read(1, 0, 20_000, 1)[0];
  expect(first?.sequence).toBe(12_000);
  expect(log.lastPosition).toEqual({ sequence: 12_003, enqueuedMs: 5000 });
  journal.close();
});
