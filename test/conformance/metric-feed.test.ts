import { EventHubProducerClient } from '@azure/event-hubs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connectEventHubs } from '@headroom/azure-event-hubs';
import type { EventHubs } from '@headroom/azure-event-hubs';
import { assert, instant, isoOf } from '@headroom/core';
import type { Sample } from '@headroom/core';
import { MemoryMetricHub, MemoryPartitions } from '@headroom/memory';
import type { MetricBatch, PartitionLedger } from '@headroom/ports';
import { startBroker } from './amqp-broker.ts';
import type { Broker } from './amqp-broker.ts';
import { metricFeedContract, sampleOf, wantsCpu } from './metric-feed.contract.ts';
import { quietLog } from './quiet-log.ts';
import { Witness } from './witness.ts';

jest.setTimeout(60_000);

const partitions = 4;
const consumerGroup = 'router';
const hubNames = Array.from({ length: 20 }, (_, at) => `metrics${at}`);
const clock = { now: () => instant(Date.now()) };
const timings = { balanceIntervalMs: 200, ownershipExpiryMs: 1000 };

let broker: Broker;
let azure: EventHubs;
let unused = [...hubNames];
const producers: EventHubProducerClient[] = [];

beforeAll(async () => {
  const hub = { partitions, retentionHours: 24, consumerGroups: [consumerGroup] };
  broker = await startBroker({
    eventHubs: hubNames.map((name) => ({ name, ...hub })),
    topics: [],
    queues: [],
  });
  azure = connectEventHubs({ connectionString: broker.connectionString }, quietLog);
});
afterAll(async () => {
  await Promise.all(producers.map((producer) => producer.close()));
  await azure.close();
  await broker.close();
});

function freshHub(): string {
  const [hub, ...others] = unused;
  unused = others;
  if (hub === undefined) throw new Error('more tests than hubs: name more');
  return hub;
}

/** A producer that is not ours. */
function producerOf(hub: string): EventHubProducerClient {
  const producer = new EventHubProducerClient(broker.connectionString, hub);
  producers.push(producer);
  return producer;
}

function bodyOf(samples: readonly Sample[]): Buffer {
  const records = samples.map(({ series, time, count, total, minimum, maximum }) => ({
    ...{ time: isoOf(time), resourceId: series.resource, metricName: series.metric },
    ...{ timeGrain: 'PT1M', count, total, minimum, maximum, average: total / count },
    ...Object.fromEntries(series.dimensions),
  }));
  return Buffer.from(JSON.stringify({ records }));
}

metricFeedContract('memory', () => {
  const hub = new MemoryMetricHub({ partitions, clock });
  return Promise.resolve({
    partitions,
    publish: (partition, samples, path) => {
      hub.publish(partition, { samples, ...(path === undefined ? {} : { path }) });
      return Promise.resolve();
    },
    publisher: () => hub.publisher(),
    member: () => hub.feed(),
  });
});

metricFeedContract('Event Hubs', () => {
  const hub = freshHub();
  const producer = producerOf(hub);
  const ledger = new MemoryPartitions(clock);
  return Promise.resolve({
    partitions,
    publish: async (partition, samples, path) => {
      const body = bodyOf(samples);
      const event = path === undefined ? { body } : { body, properties: { path } };
      await producer.sendBatch([event], { partitionId: String(partition) });
    },
    publisher: () => azure.samplePublisher(hub),
    member: () => azure.metricFeed({ hub, consumerGroup, ledger, timings }),
  });
});

describe('the hub `metrics` in Event Hubs', () => {
  /** Reads until `wanted` holds of the batches. */
  async function read(
    hub: string,
    ledger: PartitionLedger,
    wanted: (batches: readonly MetricBatch[]) => boolean,
  ): Promise<readonly MetricBatch[]> {
    const batches = new Witness<MetricBatch>();
    const stopping = new AbortController();
    const handler = {
      wanted: wantsCpu,
      batch: (batch: MetricBatch) => {
        batches.add(batch);
        return Promise.resolve();
      },
    };
    const feed = azure.metricFeed({ hub, consumerGroup, ledger, timings });
    const ended = feed.run(handler, stopping.signal);
    await batches.until(wanted, 'the wanted batches');
    stopping.abort();
    await ended;
    return batches.seen;
  }
  const samplesIn = (batches: readonly MetricBatch[]): number =>
    batches.reduce((sum, { counts }) => sum + counts.wanted, 0);

  test('a checkpoint follows the handler, and is there after a stop', async () => {
    const hub = freshHub();
    const ledger = new MemoryPartitions(clock);
    const { createdOn } = await producerOf(hub).getEventHubProperties();
    const group = { hub: `${hub}@${createdOn.getTime()}`, consumerGroup };
    const publisher = azure.metricPublisher(hub);
    await publisher.publish(
      [1, 2, 3, 4, 5, 6].map((minute) => bodyOf([sampleOf(minute)])),
      'poll',
    );
    const batches = await read(hub, ledger, (seen) => samplesIn(seen) === 6);
    const saved = await ledger.checkpoints(group);
    for (const { source } of batches) {
      const last = batches.findLast((batch) => batch.source === source)!.lastSequence;
      const partition = source.split(':')[1];
      expect(saved).toContainEqual(expect.objectContaining({ partition, sequence: last }));
    }
    const paths = batches.flatMap(({ groups }) => groups.map(({ path }) => path));
    expect(new Set(paths)).toEqual(new Set(['poll']));
    expect((await ledger.ownerships(group)).map(({ owner }) => owner)).toEqual(['', '', '', '']);
  });

  test('what cannot be read is handed over with its place, reason and text', async () => {
    const hub = freshHub();
    const broken = Buffer.from('{"records":[{"metricName":"cpu","resourceId":7}]}');
    const good = bodyOf([sampleOf(0)]);
    const bodies = [broken, Buffer.from('not JSON'), good].map((body) => ({ body }));
    await producerOf(hub).sendBatch(bodies, { partitionId: '2' });
    const batches = await read(hub, new MemoryPartitions(clock), (seen) => samplesIn(seen) === 1);
    const rejected = batches.flatMap((batch) => batch.rejected);
    expect(rejected.map(({ sequence, index }) => [sequence, index])).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(rejected[0]!.source).toMatch(/^metrics\d+@\d+:2$/);
    expect(rejected[1]!.excerpt).toBe('not JSON');
    for (const { reason } of rejected) expect(reason).not.toBe('');
  });

  test('an unknown hub and an unknown consumer group end it, with what to do', async () => {
    const ledger = new MemoryPartitions(clock);
    const handler = { wanted: wantsCpu, batch: () => Promise.resolve() };
    const { signal } = new AbortController();
    const unknownHub = azure.metricFeed({ hub: 'nowhere', consumerGroup, ledger, timings });
    await expect(unknownHub.run(handler, signal)).rejects.toThrow("'nowhere' cannot be used");
    const place = { hub: freshHub(), consumerGroup: 'nobody' };
    const unknownGroup = azure.metricFeed({ ...place, ledger, timings });
    await expect(unknownGroup.run(handler, signal)).rejects.toMatchObject({ name: 'HubRefused' });
  });

  test("a programmer's error in the handler ends it", async () => {
    const hub = freshHub();
    await azure.metricPublisher(hub).publish([bodyOf([sampleOf(0)])]);
    const handler = {
      wanted: wantsCpu,
      batch: () => Promise.resolve().then(() => assert(false, 'impossible')),
    };
    const feed = azure.metricFeed({
      ...{ hub, consumerGroup, timings },
      ledger: new MemoryPartitions(clock),
    });
    await expect(feed.run(handler, new AbortController().signal)).rejects.toThrow('impossible');
  });
});
