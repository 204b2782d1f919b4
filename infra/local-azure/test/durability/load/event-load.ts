import type { ReceivedEventData, Subscription } from '@azure/event-hubs';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { eventHubs } from '@headroom/topology';
import type { LoggedEvent } from '../check/events.ts';
import type { Checkpoints } from './checkpoints.ts';
import { LiveView } from './live-view.ts';
import type { Load, LoadContext } from './load.ts';
import { afterFailure, answerOf, CLOSE_LIMIT_MS, pause } from './load.ts';

const HUB = eventHubs.metrics;
const PARTITIONS = Array.from({ length: HUB.partitions }, (_, partition) => String(partition));
const GROUP = HUB.consumerGroups[0];
/** The live consumer owns its group's partitions: a reader that owns none needs another one. */
const OTHER_GROUP = '$Default';
/** No retry of the SDK's own: an event that was sent again would be there twice. */
const ONCE = { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } };
const BACK_SOON = { retryOptions: { maxRetries: 1_000, retryDelayInMs: 250, timeoutInMs: 5_000 } };
const FROM_THE_START = {
  ...{ startPosition: { offset: '-1' }, maxBatchSize: 1_000, maxWaitTimeInSeconds: 1 },
};
/** Long: a batch that were given up could still be sent behind the next one. */
const PATIENCE_MS = 60_000;
const LANES = [
  ...['0', '1', '2'].map((partitionId) => ({ name: `id-${partitionId}`, to: { partitionId } })),
  ...['a', 'b', 'c'].map((partitionKey) => ({ name: `key-${partitionKey}`, to: { partitionKey } })),
];
const PAD = 'x'.repeat(200);
/** Now and then a batch that takes the server a while. */
const LARGE_BATCH = 400;

interface Body {
  readonly lane: string;
  readonly number: number;
  readonly pad: string;
}

/** Producers by partition id and by key, and a consumer of every partition with checkpoints. */
export function startEventLoad(
  connectionString: string,
  checkpoints: Checkpoints,
  context: LoadContext,
): Load {
  const producer = new EventHubProducerClient(connectionString, HUB.name, ONCE);
  const consumer = new EventHubConsumerClient(
    ...([GROUP, connectionString, HUB.name, checkpoints, BACK_SOON] as const),
  );
  const readers = consumeWithCheckpoints(consumer, new LiveView(context.recording));
  const lanes = LANES.map((lane) => produce(producer, lane, context));
  return {
    sent: Promise.all(lanes).then(() => undefined),
    [Symbol.asyncDispose]: async () => {
      const closing = [...readers, producer, consumer].map((each) => each.close());
      await answerOf(Promise.all(closing), CLOSE_LIMIT_MS);
    },
  };
}

async function produce(
  producer: EventHubProducerClient,
  { name: lane, to }: (typeof LANES)[number],
  context: LoadContext,
): Promise<void> {
  const { recording, ending } = context;
  const random = context.random(lane);
  for (let first = 0; !ending.aborted;) {
    const count = random.chance(0.02) ? LARGE_BATCH : random.int(1, 8);
    const batch = Array.from({ length: count }, (_, at) => ({
      body: { lane, number: first + at, pad: PAD } satisfies Body,
    }));
    const kill = recording.kills;
    const answer = await answerOf(producer.sendBatch(batch, to), PATIENCE_MS);
    const outcome = answer === undefined ? 'unknown' : 'acknowledged';
    recording.events.sent.push({ lane, first, count, outcome, kill });
    first += count;
    await (answer === undefined ? afterFailure() : pause(random, 40));
  }
}

/** Reads every partition from its checkpoint on, and moves it. */
function consumeWithCheckpoints(
  consumer: EventHubConsumerClient,
  view: LiveView,
): readonly Subscription[] {
  return PARTITIONS.map((partition) =>
    consumer.subscribe(
      partition,
      {
        processInitialize: () => {
          view.resumed(partition);
          return Promise.resolve();
        },
        processEvents: async (events, reader) => {
          for (const event of events) view.take(logged(partition, event));
          const last = events.at(-1);
          if (last !== undefined) await reader.updateCheckpoint(last);
        },
        // The SDK tries again by itself; what it misses for good is missing at the end.
        processError: () => Promise.resolve(),
      },
      FROM_THE_START,
    ),
  );
}

/** Reads every partition from its first event on. */
function consume(
  consumer: EventHubConsumerClient,
  take: (events: readonly LoggedEvent[]) => Promise<void>,
): readonly Subscription[] {
  return PARTITIONS.map((partition) =>
    consumer.subscribe(
      partition,
      {
        processEvents: (events) => take(events.map((event) => logged(partition, event))),
        processError: () => Promise.resolve(),
      },
      FROM_THE_START,
    ),
  );
}

function logged(partition: string, event: ReceivedEventData): LoggedEvent {
  const { lane, number } = event.body as Body;
  const { sequenceNumber: sequence, enqueuedTimeUtc } = event;
  const offset = Number(event.offset);
  return { partition, sequence, offset, enqueuedMs: enqueuedTimeUtc.getTime(), lane, number };
}

/** The whole log as a consumer that comes fresh finds it: up to the last event of each partition. */
export async function readLog(connectionString: string): Promise<readonly LoggedEvent[]> {
  const consumer = new EventHubConsumerClient(OTHER_GROUP, connectionString, HUB.name, BACK_SOON);
  const left = new Set<string>();
  const ends = new Map<string, number>();
  for (const id of await consumer.getPartitionIds()) {
    const { lastEnqueuedSequenceNumber: last } = await consumer.getPartitionProperties(id);
    ends.set(id, last);
    if (last >= 0) left.add(id);
  }
  const log: LoggedEvent[] = [];
  const done = Promise.withResolvers<undefined>();
  if (left.size === 0) done.resolve(undefined);
  const readers = consume(consumer, (events) => {
    for (const event of events) log.push(event);
    const last = events.at(-1);
    if (last !== undefined && last.sequence >= (ends.get(last.partition) ?? 0)) {
      left.delete(last.partition);
    }
    if (left.size === 0) done.resolve(undefined);
    return Promise.resolve();
  });
  await answerOf(done.promise, 60_000);
  const closing = [...readers, consumer].map((each) => each.close());
  await answerOf(Promise.all(closing), CLOSE_LIMIT_MS);
  return log;
}
