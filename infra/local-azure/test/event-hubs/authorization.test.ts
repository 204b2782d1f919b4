import { expect, jest, test } from '@jest/globals';
import { until } from '../amqp/server.fixture.ts';
import { useTestHub } from './hub.fixture.ts';

// A busy machine makes the SDKs slow; every wait has its own shorter bound.
jest.setTimeout(30_000);

const hub = useTestHub();

test('a wrong key is refused with the reason', async () => {
  const wrong = hub.server.connectionString.replace('c2VjcmV0', 'd3Jvbmc=');
  const producer = hub.producer('metrics', wrong);
  await expect(producer.getEventHubProperties()).rejects.toThrow(/signature of the token is wrong/);
  await expect(producer.sendBatch([{ body: 1 }])).rejects.toMatchObject({
    code: 'UnauthorizedError',
  });
  const reading = hub.read('0', { connection: wrong });
  await until('the refusal', () => reading.errors.length > 0);
  expect(reading.errors[0]).toMatchObject({ code: 'UnauthorizedError' });
});

test('a wrong key name is refused', async () => {
  const wrong = hub.server.connectionString.replace('KeyName=test', 'KeyName=other');
  await expect(hub.producer('metrics', wrong).sendBatch([{ body: 1 }])).rejects.toMatchObject({
    code: 'UnauthorizedError',
  });
});

test('an expired token is refused', async () => {
  await hub.restart({ clock: () => Date.now() + 2 * 3_600_000 });
  await expect(hub.producer().getEventHubProperties()).rejects.toThrow(/has expired/);
});

/** The SDK loses the timer of a token that it replaces early: it would keep the process for 45 minutes. */
function clearLostTimers(): void {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  hub.onEnd(() => {
    const made = timers.mock.calls.map(([, ms], n) => ({ ms, timer: timers.mock.results[n] }));
    for (const { ms = 0, timer } of made) {
      if (ms > 60_000) clearTimeout(timer?.value as NodeJS.Timeout);
    }
    timers.mockRestore();
    return Promise.resolve();
  });
}

test('a token that expires ends its links; the SDK puts a new one and goes on', async () => {
  clearLostTimers();
  let ahead = 0;
  await hub.restart({ clock: () => Date.now() + ahead, housekeepingMs: 10 });
  const reading = hub.read('0', { maxWaitTimeInSeconds: 0.2 });
  await hub.sendNumbers(1);
  await until('the first event', () => reading.events.length === 1);
  ahead = 2 * 3_600_000;
  await until('the link to end', () => reading.errors.length > 0);
  expect(reading.errors[0]).toMatchObject({ code: 'UnauthorizedError' });
  ahead = 0;
  await hub.sendNumbers(1);
  await until('the second event', () => reading.events.length === 2);
  expect(reading.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1]);
});
