import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { ServiceBusClient } from '@azure/service-bus';
import { testFolder, until } from './server.fixture.ts';
import type { TestFolder } from './server.fixture.ts';

let folder: TestFolder;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = testFolder();
});

afterEach(async () => {
  await kill();
  folder[Symbol.dispose]();
});

async function start(port = '0'): Promise<string> {
  const script = new URL('kill-child.fixture.ts', import.meta.url).pathname;
  const flags = ['--disable-warning=ExperimentalWarning'];
  child = spawn(process.execPath, [...flags, script, folder.dataFile, port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return line.toString().trim();
}

async function kill(): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const OPTIONS = { retryOptions: { maxRetries: 0, timeoutInMs: 1000 } };

/**
 * Runs `send(0)`, `send(1)` … eight at a time, kills the server in the middle, returns what was
 * done.
 */
async function sendUntilKilled(send: (n: number) => Promise<void>): Promise<Set<number>> {
  const acknowledged = new Set<number>();
  let next = 0;
  let alive = true;
  const lanes = Array.from({ length: 8 }, async () => {
    while (alive && next < 20_000) {
      const n = next++;
      try {
        await send(n);
        acknowledged.add(n);
      } catch {
        return;
      }
    }
  });
  await until('200 acknowledged sends', () => acknowledged.size >= 200);
  await kill();
  alive = false;
  await Promise.all(lanes);
  return acknowledged;
}

test('kill -9: every acknowledged event is there, in order, without a gap', async () => {
  const producer = new EventHubProducerClient(await start(), 'metrics', OPTIONS);
  const acknowledged = await sendUntilKilled((n) =>
    producer.sendBatch([{ body: n }], { partitionId: '0' }),
  );
  await producer.close().catch(() => undefined);

  const consumer = new EventHubConsumerClient('router', await start(), 'metrics', OPTIONS);
  const bodies = new Set<number>();
  const sequences: number[] = [];
  const subscription = consumer.subscribe(
    '0',
    {
      processEvents: (events) => {
        for (const event of events) {
          bodies.add(event.body as number);
          sequences.push(event.sequenceNumber);
        }
        return Promise.resolve();
      },
      processError: () => Promise.resolve(),
    },
    { startPosition: { offset: '-1' }, maxBatchSize: 500, maxWaitTimeInSeconds: 1 },
  );
  await until('every acknowledged event', () => [...acknowledged].every((n) => bodies.has(n)));
  expect(sequences).toEqual(sequences.map((_, index) => index));
  await subscription.close();
  await consumer.close();
}, 30_000);

test('kill -9: acknowledged messages stay, completed ones do not, no number repeats', async () => {
  const client = new ServiceBusClient(await start(), OPTIONS);
  const sender = client.createSender('scale-commands');
  const first = Array.from({ length: 100 }, (_, n) => ({ body: `first ${n}`, messageId: `f${n}` }));
  await sender.sendMessages(first);
  const receiver = client.createReceiver('scale-commands');
  const completed: string[] = [];
  const numbers = new Set<number>();
  for (const message of await receiver.receiveMessages(60)) {
    await receiver.completeMessage(message);
    completed.push(message.body as string);
    numbers.add(message.sequenceNumber!.toNumber());
  }
  const acknowledged = await sendUntilKilled((n) => sender.sendMessages({ body: n }));
  await client.close().catch(() => undefined);

  const again = new ServiceBusClient(await start(), OPTIONS);
  const queue = again.createReceiver('scale-commands', { receiveMode: 'receiveAndDelete' });
  const found: unknown[] = [];
  const received: number[] = [];
  const subscription = queue.subscribe({
    processMessage: (message) => {
      found.push(message.body);
      received.push(message.sequenceNumber!.toNumber());
      return Promise.resolve();
    },
    processError: () => Promise.resolve(),
  });
  await until('every acknowledged message', () => {
    const all = new Set(found);
    return [...acknowledged].every((n) => all.has(n));
  });
  await subscription.close();
  await again.close();
  expect(completed).toHaveLength(60);
  expect(found.filter((body) => completed.includes(String(body)))).toEqual([]);
  expect(found.filter((body) => typeof body === 'string')).toHaveLength(40);
  expect(received.filter((number) => numbers.has(number))).toEqual([]);
  expect(new Set(found).size).toBe(found.length);
}, 30_000);

test('clients that go on through a kill -9 come back, and nothing is lost', async () => {
  const connection = await start();
  const port = /:(\d+);/.exec(connection)![1]!;
  const retryOptions = { maxRetries: 10, retryDelayInMs: 100, timeoutInMs: 1000 };
  const producer = new EventHubProducerClient(connection, 'metrics', { retryOptions });
  const consumer = new EventHubConsumerClient('router', connection, 'metrics', { retryOptions });
  const bus = new ServiceBusClient(connection, { retryOptions });
  const sender = bus.createSender('decisions');
  const events: unknown[] = [];
  const messages: unknown[] = [];
  const reading = consumer.subscribe(
    {
      processEvents: (batch) => {
        events.push(...batch.map((event) => event.body as unknown));
        return Promise.resolve();
      },
      processError: () => Promise.resolve(),
    },
    { startPosition: { offset: '-1' }, maxWaitTimeInSeconds: 1 },
  );
  const subscription = bus.createReceiver('decisions', 'audit').subscribe({
    processMessage: (message) => {
      messages.push(message.body);
      return Promise.resolve();
    },
    processError: () => Promise.resolve(),
  });
  const sendBoth = async (n: number): Promise<void> => {
    await producer.sendBatch([{ body: n }]);
    await sender.sendMessages({ body: n, messageId: String(n) });
  };

  await sendBoth(1);
  await until('the first', () => events.includes(1) && messages.includes(1));
  await kill();
  const second = sendBoth(2);
  await start(port);
  await second;
  await until('the second', () => events.includes(2) && messages.includes(2));
  await sendBoth(3);
  await until('the third', () => events.includes(3) && messages.includes(3));
  expect(messages.filter((body) => body === 2)).toHaveLength(1);

  await reading.close();
  await subscription.close();
  await Promise.all([producer.close(), consumer.close(), bus.close()]);
}, 30_000);
