import type { EventData } from '@azure/event-hubs';
import { assert } from '@headroom/core';
import type { LogEvent } from '@headroom/core';
import type { LogIdentity, SignalLog } from '@headroom/ports';
import { encodeEventParts } from '@headroom/wire';
import { PartitionCountMismatch } from './errors.ts';
import type { HubClient } from './hub-client.ts';
import { PartitionSender } from './partition-sender.ts';

export function createSignalLog(hub: HubClient, partitions: number): SignalLog {
  const senders = Array.from({ length: partitions }, (_, partition) => {
    return new PartitionSender((events) => hub.send(events, { partitionId: String(partition) }));
  });
  return {
    describe: () => describeLog(hub, partitions),
    append: async (partition, events) => {
      const sender = senders[partition];
      assert(sender !== undefined, `partition ${partition} of ${partitions}`);
      await describeLog(hub, partitions);
      await sender.append(events.flatMap(toEventData));
    },
  };
}

/** The log's identity, or a `PartitionCountMismatch`. */
export async function describeLog(hub: HubClient, partitions: number): Promise<LogIdentity> {
  const identity = await hub.identity();
  if (identity.partitions !== partitions) {
    throw new PartitionCountMismatch(hub.name, partitions, identity.partitions);
  }
  return identity;
}

function toEventData(event: LogEvent): EventData[] {
  return encodeEventParts(event).map((body) => ({ body }));
}
