import { expect, jest, test } from '@jest/globals';
import { until } from '../amqp/server.fixture.ts';
import { useTestHub } from './hub.fixture.ts';
import type { Reading } from './hub.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

const hub = useTestHub();
const STOLEN = { code: 'ReceiverDisconnectedError' };

async function untilReading(reading: Reading): Promise<void> {
  await until('the reader to read', () => reading.events.length > 0);
}

test('a higher owner level takes the partition over', async () => {
  await hub.sendNumbers(1);
  const first = hub.read('0', { ownerLevel: 1 });
  await untilReading(first);
  const second = hub.read('0', { ownerLevel: 2 });
  await untilReading(second);
  await until('the first to be told', () => first.errors.length > 0);
  expect(first.errors[0]).toMatchObject(STOLEN);
  await hub.sendNumbers(1);
  await until('the second to go on', () => second.events.length === 2);
  expect(first.events).toHaveLength(1);
  expect(second.errors).toEqual([]);
});

test('a lower owner level is refused, and so is a reader without one', async () => {
  await hub.sendNumbers(1);
  const owner = hub.read('0', { ownerLevel: 2 });
  await untilReading(owner);
  const lower = hub.read('0', { ownerLevel: 1 });
  const none = hub.read('0');
  await until('both refusals', () => lower.errors.length > 0 && none.errors.length > 0);
  expect(lower.errors[0]).toMatchObject(STOLEN);
  expect(none.errors[0]).toMatchObject(STOLEN);
  expect([...lower.events, ...none.events, ...owner.errors]).toEqual([]);
});

test('of two readers with one owner level the later one has the partition', async () => {
  await hub.sendNumbers(1);
  const first = hub.read('0', { ownerLevel: 3 });
  await untilReading(first);
  const second = hub.read('0', { ownerLevel: 3 });
  await untilReading(second);
  await until('the first to be told', () => first.errors.length > 0);
  expect(first.errors[0]).toMatchObject(STOLEN);
  expect(second.errors).toEqual([]);
});

test('a reader with an owner level ends those without one', async () => {
  await hub.sendNumbers(1);
  const free = hub.read('0');
  await untilReading(free);
  const owner = hub.read('0', { ownerLevel: 1 });
  await untilReading(owner);
  await until('the free reader to be told', () => free.errors.length > 0);
  expect(free.errors[0]).toMatchObject(STOLEN);
});

test('an owner level is for one partition and one group', async () => {
  await hub.sendNumbers(1);
  await hub.sendNumbers(1, '1');
  const readers = [
    hub.read('0', { ownerLevel: 1 }),
    hub.read('1', { ownerLevel: 1 }),
    hub.read('0', { ownerLevel: 1, group: '$Default' }),
  ];
  for (const reader of readers) await untilReading(reader);
  expect(readers.flatMap(({ errors }) => errors)).toEqual([]);
});

test('an owner that closed leaves the partition to everybody', async () => {
  await hub.sendNumbers(1);
  const owner = hub.read('0', { ownerLevel: 5 });
  await untilReading(owner);
  await owner.subscription.close();
  const next = hub.read('0');
  await untilReading(next);
  expect(next.errors).toEqual([]);
});

test('without owner levels five readers share a partition, and a sixth is refused', async () => {
  await hub.sendNumbers(1);
  const five = Array.from({ length: 5 }, () => hub.read('0'));
  for (const reader of five) await untilReading(reader);
  const sixth = hub.read('0');
  await until('the refusal', () => sixth.errors.length > 0);
  expect(sixth.errors[0]).toMatchObject({ code: 'QuotaExceededError' });
  expect(sixth.errors[0]?.message).toMatch(/which is 5/);
  const elsewhere = hub.read('0', { group: '$Default' });
  await untilReading(elsewhere);
  await five[0]!.subscription.close();
  const again = hub.read('0');
  await untilReading(again);
});
