import type { EventHubConsumerClient, ReceivedEventData } from '@azure/event-hubs';
import { instant } from '@headroom/core';
import type { Instant, LoggedEvent } from '@headroom/core';
import type { SignalHistory } from '@headroom/ports';
import { decodeEvent } from '@headroom/wire';
import { bytesOf } from './event-body.ts';
import { hubError } from './errors.ts';
import type { HubClient } from './hub-client.ts';

/** Every hub has it, and no member of ours reads in it: up to five may without owning anything. */
const consumerGroup = '$Default';

/** Large batches: nobody waits for a single event. */
const batchMax = 500;
const prefetch = 2000;
/** How soon the end is noticed where nothing comes. */
const waitSeconds = 1;

export function createSignalHistory(hub: HubClient): SignalHistory {
  return {
    read: async (partition, from, take) => {
      const { last, lastAt } = await hub.range(partition);
      if (last < 0 || lastAt < from) return;
      const client = hub.consumer(consumerGroup);
      try {
        await readTo(client, { partition, from, last }, take);
      } catch (error) {
        throw hubError(error, hub.name);
      } finally {
        await client.close();
      }
    },
  };
}

interface Stretch {
  readonly partition: number;
  readonly from: Instant;
  readonly last: number;
}

/** The SDK awaits each batch, and never gets an error from here: it would skip the batch and go on. */
async function readTo(
  client: EventHubConsumerClient,
  { partition, from, last }: Stretch,
  take: Parameters<SignalHistory['read']>[2],
): Promise<void> {
  const end = Promise.withResolvers<undefined>();
  let isOver = false;
  const finish = (error?: unknown) => {
    isOver = true;
    if (error === undefined) end.resolve(undefined);
    else end.reject(error);
  };
  const subscription = client.subscribe(
    String(partition),
    {
      processEvents: async (events) => {
        const asked = events.filter(({ sequenceNumber }) => !isOver && sequenceNumber <= last);
        try {
          if (asked.length > 0) await take(asked.map(toLoggedEvent));
          if ((events.at(-1)?.sequenceNumber ?? -1) >= last) finish();
        } catch (error) {
          finish(error);
        }
      },
      processError: (error) => {
        finish(error);
        return Promise.resolve();
      },
    },
    {
      // The SDK asks for what was enqueued after it.
      startPosition: { enqueuedOn: from - 1 },
      maxBatchSize: batchMax,
      prefetchCount: prefetch,
      maxWaitTimeInSeconds: waitSeconds,
      skipParsingBodyAsJson: true,
    },
  );
  try {
    await end.promise;
  } finally {
    await subscription.close();
  }
}

function toLoggedEvent(event: ReceivedEventData): LoggedEvent {
  return {
    sequence: event.sequenceNumber,
    enqueuedAt: instant(event.enqueuedTimeUtc.getTime()),
    event: decodeEvent(bytesOf(event)),
  };
}
