import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmosClient, PartitionKeyKind } from '@azure/cosmos';
import type { Container, FeedOptions, SqlQuerySpec } from '@azure/cosmos';
import { Child } from '../../processes/child.ts';
import type { Row } from '../figures.ts';
import { percentile, round } from '../figures.ts';
import { atOf, documentOf, documents, fill, idOf, keyOf, targetOf } from './documents.ts';

const singleWrites = 1_000;
const samples = 300;
const deepPages = 490;
const mustMs = 10;

/**
 * Cosmos DB of the embedded Azure with a million documents such as those of the audit log, through the real SDK: what the
 * issue asks for is below 10 ms at the median; the other lines say what else there is to know.
 */
export async function localCosmos(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-cosmos-'));
  let azure = await startAzure(folder);
  try {
    const account = accountOf(folder);
    let client = new CosmosClient(account);
    let container = await createContainer(client);
    const rows = [
      writtenRow(await fill(container)),
      await createSingly(container),
      ...(await query(container)),
    ];
    client.dispose();
    await azure.stop();
    const started = performance.now();
    azure = await startAzure(folder);
    client = new CosmosClient(account);
    container = client.database('bench').container('audit');
    await container.item(idOf(7), keyOf(7)).read();
    const ms = performance.now() - started;
    client.dispose();
    return [
      ...rows,
      row(
        'cosmos: start until the first read',
        `${round(ms, 0)} ms`,
        'the whole process',
        '2000 ms',
        ms <= 2_000,
      ),
    ];
  } finally {
    await azure.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startAzure(folder: string): Promise<Child> {
  const azure = new Child('local-azure', 'infra/local-azure/src/main.ts', ['--data', folder], {});
  await azure.line(/"ready":true/);
  return azure;
}

function accountOf(folder: string): { endpoint: string; key: string } {
  const text = readFileSync(join(folder, 'env.json'), 'utf8');
  const env = JSON.parse(text) as Record<string, string>;
  return { endpoint: env['COSMOS_ENDPOINT'] ?? '', key: env['COSMOS_KEY'] ?? '' };
}

async function createContainer(client: CosmosClient): Promise<Container> {
  const { database } = await client.databases.createIfNotExists({ id: 'bench' });
  const { container } = await database.containers.createIfNotExists({
    id: 'audit',
    partitionKey: { paths: ['/target', '/month'], kind: PartitionKeyKind.MultiHash },
  });
  return container;
}

function writtenRow({ perSecond, beside }: Awaited<ReturnType<typeof fill>>): Row {
  const measured = `${round(perSecond, 0)}/s`;
  return row('cosmos: documents written', measured, beside, '2000/s', perSecond >= 2_000);
}

async function createSingly(container: Container): Promise<Row> {
  const one = async (n: number): Promise<void> => {
    await container.items.create(documentOf(documents + n));
  };
  return timed('cosmos: create of one document', singleWrites, one);
}

async function query(container: Container): Promise<readonly Row[]> {
  const range = 'SELECT * FROM c WHERE c.at >= @since AND c.at < @until ORDER BY c.at DESC';
  const between = (n: number, width: number): SqlQuerySpec => ({
    query: range,
    parameters: [
      { name: '@since', value: atOf(n) },
      { name: '@until', value: atOf(n + width) },
    ],
  });
  const inPartition = (n: number) => ({ partitionKey: keyOf(n) });
  const rows = [
    await timed('cosmos: point read', samples, async (n) => {
      const { statusCode } = await container.item(idOf(n), keyOf(n)).read();
      if (statusCode !== 200) throw new Error(`Document ${n} is missing.`);
    }),
    await timedPages('cosmos: point query by id and key', container, 1, (n) => [
      { query: 'SELECT * FROM c WHERE c.id = @id', parameters: [{ name: '@id', value: idOf(n) }] },
      inPartition(n),
    ]),
    await indexed('cosmos: point query by id, over all partitions', container, 1, (n) => [
      { query: 'SELECT * FROM c WHERE c.id = @id', parameters: [{ name: '@id', value: idOf(n) }] },
      {},
    ]),
    await indexed('cosmos: 50 by time, the newest of a partition', container, 50, (n) => [
      { query: 'SELECT * FROM c ORDER BY c.at DESC', parameters: [] },
      inPartition(n),
    ]),
    await indexed('cosmos: 50 by time, a range within a partition', container, 50, (n) => [
      between(n - (n % (documents / 4)), documents / 4),
      inPartition(n),
    ]),
    await indexed('cosmos: 50 by time, a range over a key prefix', container, 50, (n) => [
      between(n % (documents / 2), documents / 2),
      { partitionKey: [targetOf(n)] },
    ]),
    await indexed('cosmos: 50 by time, a range over all partitions', container, 50, (n) => [
      between(n % (documents / 2), documents / 2),
      {},
    ]),
  ];
  return [...rows, await deep(container)];
}

/** Page after page of 50, each resumed by its token alone. */
async function deep(container: Container): Promise<Row> {
  const text = 'SELECT * FROM c ORDER BY c.at DESC';
  const took: number[] = [];
  let options: FeedOptions = { maxItemCount: 50 };
  for (let page = 0; page < deepPages; page++) {
    const started = performance.now();
    const found = await container.items.query(text, options).fetchNext();
    took.push(performance.now() - started);
    options = { maxItemCount: 50, continuationToken: found.continuationToken };
  }
  const first = percentile(took.slice(0, 50), 0.5);
  return figure(
    `cosmos: pages ${deepPages - 49} to ${deepPages} of 50`,
    took.slice(-50),
    `the first ${round(first, 1)} ms`,
  );
}

type Asked = (n: number) => [SqlQuerySpec, FeedOptions];

/** The first of these queries looks at everything and has an index made: that is told, and waited for. */
async function indexed(
  what: string,
  container: Container,
  size: number,
  asked: Asked,
): Promise<Row> {
  const started = performance.now();
  let [charge, first] = [Infinity, 0];
  // A charge above this says that it looked at everything.
  while (charge > 10 && performance.now() - started < 600_000) {
    const before = performance.now();
    // A query that looks at everything may be answered with 408: it has had its index made then.
    charge = await fetchPage(container, size, asked(documents / 2)).catch(() => Infinity);
    if (first === 0) first = performance.now() - before;
  }
  const ready = performance.now() - started;
  const beside = `the first ${round(first, 0)} ms, its index ready after ${round(ready / 1000, 1)} s`;
  return timedPages(what, container, size, asked, beside);
}

function timedPages(
  what: string,
  container: Container,
  size: number,
  asked: Asked,
  beside?: string,
): Promise<Row> {
  return timed(what, samples, (n) => fetchPage(container, size, asked(n)), beside);
}

async function fetchPage(
  container: Container,
  size: number,
  [spec, options]: [SqlQuerySpec, FeedOptions],
): Promise<number> {
  const { resources, requestCharge } = await container.items
    .query(spec, { ...options, maxItemCount: size })
    .fetchNext();
  if (resources.length !== size) throw new Error(`${spec.query}: ${resources.length} of ${size}.`);
  return requestCharge;
}

async function timed(
  what: string,
  count: number,
  run: (n: number) => Promise<unknown>,
  beside?: string,
): Promise<Row> {
  const took: number[] = [];
  for (let sample = 0; sample < count; sample++) {
    // Spread over all documents without a random number: the same ones in every run.
    const n = count === singleWrites ? sample : (sample * 7_919_117) % documents;
    const started = performance.now();
    await run(n);
    took.push(performance.now() - started);
  }
  return figure(what, took, beside);
}

function figure(what: string, took: readonly number[], beside?: string): Row {
  const [median, p99] = [percentile(took, 0.5), percentile(took, 0.99)];
  const text = `median ${round(median, 1)} ms, p99 ${round(p99, 1)} ms`;
  return row(
    what,
    text,
    beside ?? `${took.length} samples`,
    `median ${mustMs} ms`,
    median < mustMs,
  );
}

function row(what: string, measured: string, beside: string, must: string, reached: boolean): Row {
  console.log(`  ${what}: ${measured} (${beside})`);
  return { what, measured, beside: ` (${beside})`, must, reached };
}
