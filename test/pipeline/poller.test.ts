import { expect, test } from '@jest/globals';
import { connectCosmos } from '@headroom/azure-cosmos';
import { connectEventHubs } from '@headroom/azure-event-hubs';
import { defaultPolicy, instant, minuteMs } from '@headroom/core';
import type { Sample } from '@headroom/core';
import { MemoryPartitions } from '@headroom/memory';
import type { MetricBatch } from '@headroom/ports';
import { cosmos, eventHubs } from '@headroom/topology';
import { useLocalAzure } from '../conformance/local-azure.ts';
import { quietLog } from '../conformance/quiet-log.ts';
import { Witness } from '../conformance/witness.ts';
import { Service } from '../processes/child.ts';
import { armSetting, targetOf } from '../processes/fleet.ts';

/** The service as a process, through the SDKs, against the embedded Azure; the hub is read as anybody may read it. */
const azure = useLocalAzure();
const namespace = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';
const targets = Array.from({ length: 8 }, (_, index) => targetOf(index));
/** Minutes back from the one that is running now. */
const thisMinute = Math.floor(Date.now() / minuteMs);

/** Two starts of a process, and a slot that has to become free, on a busy machine. */
const limitMs = 60_000;
const came = new Witness<Sample>();

/** Everything that comes to the hub by the path of a poller, as long as the test lasts. */
function watchHub(): AsyncDisposable {
  const { EVENTHUBS_CONNECTION_STRING: connectionString } = azure.current().env;
  const hubs = connectEventHubs({ connectionString }, quietLog);
  const ledger = new MemoryPartitions({ now: () => instant(Date.now()) });
  const feed = hubs.metricFeed({ hub: eventHubs.metrics.name, consumerGroup: '$Default', ledger });
  const batch = ({ groups }: MetricBatch): Promise<void> => {
    const polled = groups.filter(({ path }) => path === 'poll').flatMap(({ samples }) => samples);
    for (const { sample } of polled) came.add(sample);
    return Promise.resolve();
  };
  const stopping = new AbortController();
  const ended = feed.run({ wanted: () => true, batch }, stopping.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await ended;
      await hubs.close();
    },
  };
}

function start(): Promise<Service> {
  return Service.start('poller', { ...azure.current().env });
}

/** The minute that began so many minutes ago, of each target. */
function put(minutesAgo: number, value: number): void {
  azure.current().control.putMetrics(
    targets.map((resourceId) => ({
      ...{ resourceId, namespace, metric: 'CpuUtilizationPercentage', dimensions: {} },
      ...{ timeMs: (thisMinute - minutesAgo) * minuteMs, count: 1 },
      ...{ total: value, minimum: value, maximum: value },
    })),
  );
}

async function apply(): Promise<void> {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = azure.current().env;
  const stores = connectCosmos({ endpoint, key, database: cosmos.database }, quietLog);
  for (const [index, target] of targets.entries()) {
    const write = { target, id: `setting-${index}`, expected: 0, document: armSetting(index) };
    await stores.settings.write({ ...write, policy: defaultPolicy, overrides: [] });
  }
  stores.close();
}

const minutesAgo = ({ time }: Sample) => thisMinute - time / minuteMs;
const of = (target: string) => came.seen.filter(({ series }) => series.resource === target);

test(
  'back-fills what settings ask for; killed and started again, it sends what is missing and nothing twice',
  async () => {
    await using ends = new AsyncDisposableStack();
    ends.use(watchHub());
    // Windows of one minute, behind data that may be ten minutes late.
    const first = [9, 8, 7, 5, 4, 3, 2];
    for (const at of first) put(at, 50);
    await apply();
    const killed = ends.adopt(await start(), (service) => service.stop());
    const complete = (minutes: number) => () => targets.every((id) => of(id).length >= minutes);
    await came.until(complete(first.length), 'the minutes that Azure had', 25_000);
    for (const id of targets) expect(of(id).map(minutesAgo)).toEqual(first);

    killed.kill();
    // One comes late, one is corrected, while nobody asks.
    put(6, 60);
    put(3, 70);
    ends.adopt(await start(), (service) => service.stop());
    await came.until(complete(first.length + 2), 'what changed meanwhile', 25_000);
    for (const id of targets) {
      const later = of(id).slice(first.length);
      expect(later.map((sample) => [minutesAgo(sample), sample.total])).toEqual([
        [6, 60],
        [3, 120],
      ]);
    }
    expect(came.seen).toHaveLength(targets.length * (first.length + 2));
  },
  limitMs,
);
