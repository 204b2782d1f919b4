import { Child } from '../../processes/child.ts';
import { Stack } from '../../processes/stack.ts';
import type { Row } from '../figures.ts';
import { percentile, round, times } from '../figures.ts';
import { median } from '../rounds.ts';
import * as clients from './clients.ts';
import { eventBody, large, messageBody, small } from './payloads.ts';
import { processRows } from './process.ts';

const rounds = 3;
const latencies = 150;

/** One thing that a client does, and how often in a second it came about. */
interface Work {
  readonly what: string;
  readonly unit: string;
  readonly run: (connection: string) => Promise<number>;
}

const works: readonly Work[] = [
  {
    what: 'events of 1 KB sent, batches of 100, 4 under way',
    unit: 'events/s',
    run: (connection) =>
      clients.sendEvents(connection, small.hub, eventBody(1), { events: 20_000, perBatch: 100 }),
  },
  {
    what: 'events of 1 KB received from 4 partitions, batches of 1,000',
    unit: 'events/s',
    run: (connection) => clients.receiveEvents(connection, small),
  },
  {
    what: 'events of 27 KB (100 records) received from 4 partitions',
    unit: 'events/s',
    run: (connection) => clients.receiveEvents(connection, large),
  },
  {
    what: 'messages of 1 KB sent one by one, 200 under way',
    unit: 'messages/s',
    run: (connection) =>
      clients.sendMessages(connection, messageBody, { messages: 4_000, perSend: 1, width: 200 }),
  },
  {
    what: 'messages of 1 KB sent in arrays of 100, 4 under way',
    unit: 'messages/s',
    run: (connection) =>
      clients.sendMessages(connection, messageBody, { messages: 8_000, perSend: 100, width: 4 }),
  },
  {
    what: 'messages of 1 KB received and completed, 128 at a time',
    unit: 'messages/s',
    run: (connection) => clients.completeMessages(connection, 8_000),
  },
];

/**
 * The embedded Azure beside an AMQP server that does nothing, each in a process of its own, behind the same real clients in
 * this one, by turns. What is received was sent in the round before.
 */
export async function localAzure(): Promise<readonly Row[]> {
  return [...(await processRows()), ...(await throughputRows())];
}

async function throughputRows(): Promise<readonly Row[]> {
  await using stack = await Stack.start();
  const embedded = stack.env['EVENTHUBS_CONNECTION_STRING'] ?? '';
  const nothing = new Child('rhea server', 'test/bench/local-azure/rhea-server.ts', [], {});
  try {
    const [bare] = await nothing.line(/Endpoint=.*/);
    const waits = await latencyRows(embedded);
    await fill(embedded);
    const rows: Row[] = [];
    for (const work of works) rows.push(await sideBySide(work, embedded, bare));
    return [...rows, ...waits];
  } finally {
    await nothing.stop();
  }
}

/** Enough events for every reader: each of them reads from the start. */
async function fill(connection: string): Promise<void> {
  const all = { events: small.events, perBatch: 100 };
  await clients.sendEvents(connection, small.hub, eventBody(1), all);
  const some = { events: large.events, perBatch: 20 };
  await clients.sendEvents(connection, large.hub, eventBody(100), some);
}

async function sideBySide(work: Work, embedded: string, bare: string): Promise<Row> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await work.run(embedded));
    theirs.push(await work.run(bare));
  }
  const [mine, limit] = [median(ours), median(theirs)];
  return {
    what: `${work.what}, against a server that does nothing`,
    measured: times(mine / limit),
    beside: ` (${round(mine, 0)} ${work.unit}; ${round(limit, 0)} ${work.unit})`,
    must: 'none',
    reached: true,
  };
}

async function latencyRows(connection: string): Promise<readonly Row[]> {
  const row = (what: string, ms: readonly number[]): Row => ({
    what,
    measured: `p50 ${round(percentile(ms, 0.5), 1)} ms, p99 ${round(percentile(ms, 0.99), 1)} ms`,
    beside: ` (${ms.length}, one at a time)`,
    must: 'none',
    reached: true,
  });
  return [
    row(
      'event sent → handler, of which the SDK waits 20 ms',
      await clients.eventLatencies(connection, latencies),
    ),
    row('message sent → handler', await clients.messageLatencies(connection, latencies)),
  ];
}
