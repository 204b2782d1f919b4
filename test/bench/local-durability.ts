import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CosmosClient } from '@azure/cosmos';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import type { LocalAzureEnvironment, Sync } from '@headroom/local-azure';
import { cosmos as topology, serviceBus } from '@headroom/topology';
import type { Row } from './figures.ts';
import { round } from './figures.ts';
import { expectCount, median, timedAsync } from './rounds.ts';

const rounds = 3;
const messages = 2_000;
const documents = 1_500;
/** Requests that a client has on their way at once. */
const inFlight = 64;
const bytes = 1_000;

interface Rates {
  readonly sends: number;
  readonly settlements: number;
  readonly writes: number;
}

/**
 * What each promise costs: acknowledgements that survive kill -9 beside ones that survive a loss of power as well, in turns,
 * by the real clients. Where an fsync takes milliseconds the second is slower than here.
 */
export async function localDurability(): Promise<readonly Row[]> {
  const rates: Record<Sync, Rates[]> = { process: [], full: [] };
  for (let round = 0; round < rounds; round++) {
    for (const sync of ['process', 'full'] as const) rates[sync].push(await measure(sync));
  }
  const rowOf = (what: string, rate: (of: Rates) => number): Row => ({
    what: `${what}, surviving a loss of power (--sync full)`,
    measured: perSecond(median(rates.full.map(rate))),
    beside: `; surviving kill -9: ${perSecond(median(rates.process.map(rate)))}`,
    must: 'no goal',
    reached: true,
  });
  return [
    rowOf('messages of 1 kB sent, 64 in flight', ({ sends }) => sends),
    rowOf('messages completed, 64 in flight', ({ settlements }) => settlements),
    rowOf('Cosmos documents of 1 kB created, 64 in flight', ({ writes }) => writes),
  ];
}

const perSecond = (rate: number): string => `${round(rate, 0)}/s`;

async function measure(sync: Sync): Promise<Rates> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-durability-'));
  const main = fileURLToPath(new URL('./main.ts', import.meta.resolve('@headroom/local-azure')));
  const azure = spawn(process.execPath, [main, '--data', dataDir, '--sync', sync], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(createInterface(azure.stdout), 'line');
    const text = await readFile(join(dataDir, 'env.json'), 'utf8');
    const env = JSON.parse(text) as LocalAzureEnvironment;
    return { ...(await measureBus(env)), writes: await measureCosmos(env) };
  } finally {
    const exited = once(azure, 'exit');
    azure.kill('SIGTERM');
    await exited;
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measureBus(env: LocalAzureEnvironment): Promise<Omit<Rates, 'writes'>> {
  const client = new ServiceBusClient(env.SERVICEBUS_CONNECTION_STRING);
  const { name } = serviceBus.queue;
  const sender = client.createSender(name);
  const body = 'x'.repeat(bytes);
  const sent = await timedAsync(() =>
    inTurns(messages, (n) => sender.sendMessages({ body, messageId: `m${n}` })),
  );
  const receiver = client.createReceiver(name);
  const received: ServiceBusReceivedMessage[] = [];
  while (received.length < messages) {
    const batch = await receiver.receiveMessages(500, { maxWaitTimeInMs: 2_000 });
    if (batch.length === 0) break;
    received.push(...batch);
  }
  expectCount('messages received', received.length, messages);
  const settled = await timedAsync(() =>
    inTurns(messages, (n) => receiver.completeMessage(received[n]!)),
  );
  await client.close();
  return { sends: (messages / sent.ms) * 1000, settlements: (messages / settled.ms) * 1000 };
}

async function measureCosmos(env: LocalAzureEnvironment): Promise<number> {
  const client = new CosmosClient({ endpoint: env.COSMOS_ENDPOINT, key: env.COSMOS_KEY });
  const { name } = topology.containers.operations;
  const { items } = client.database(topology.database).container(name);
  const text = 'x'.repeat(bytes);
  const took = await timedAsync(() =>
    inTurns(documents, (n) => items.create({ id: `d${n}`, exclusionKey: `k${n % 50}`, text })),
  );
  client.dispose();
  return (documents / took.ms) * 1000;
}

/** Runs `work` for 0 … count - 1, as many at once as may be in flight. */
async function inTurns(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
