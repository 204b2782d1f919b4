import { entityNotFound, notSupported } from '../errors.ts';
import { offsetOf } from '../event-hub/event-codec.ts';
import type { EventHub } from '../event-hub/event-hub.ts';
import type { DecodedMessage } from '../message/sections.ts';
import * as enc from '../protocol/encode.ts';
import { asText } from '../protocol/values.ts';
import type { Reply } from './request-reply.ts';

/** READ of an event hub's or a partition's properties. Throws an AmqpError for all else. */
export function answerHubRequest(
  request: DecodedMessage,
  hubs: ReadonlyMap<string, EventHub>,
): Reply {
  const property = (name: string): string => asText(request.applicationProperties.get(name)) ?? '';
  const hub = hubs.get(property('name').toLowerCase());
  if (hub === undefined) throw entityNotFound(property('name'));
  const operation = `${property('operation')} ${property('type')}`;
  if (operation === 'READ com.microsoft:eventhub') return { status: 200, body: hubBody(hub) };
  if (operation === 'READ com.microsoft:partition') {
    return { status: 200, body: partitionBody(hub, property('partition')) };
  }
  throw notSupported(`The management operation '${operation}'`);
}

function hubBody(hub: EventHub): Buffer {
  return body({
    name: enc.text(hub.name),
    type: enc.text('com.microsoft:eventhub'),
    created_at: enc.timestamp(hub.createdMs),
    partition_count: enc.int(hub.partitions.length),
    partition_ids: enc.textArray(hub.partitions.map((_, id) => String(id))),
    georeplication_factor: enc.int(1),
  });
}

function partitionBody(hub: EventHub, id: string): Buffer {
  const log = hub.partition(id);
  const last = log.lastPosition;
  return body({
    name: enc.text(hub.name),
    type: enc.text('com.microsoft:partition'),
    partition: enc.text(id),
    begin_sequence_number: enc.long(log.firstSequence),
    last_enqueued_sequence_number: enc.long(last.sequence),
    last_enqueued_offset: enc.text(last.sequence < 0 ? '-1' : offsetOf(last.sequence)),
    last_enqueued_time_utc: enc.timestamp(last.enqueuedMs),
    is_partition_empty: enc.bool(log.isEmpty),
  });
}

function body(fields: Readonly<Record<string, Buffer>>): Buffer {
  return enc.map(Object.entries(fields).flatMap(([key, value]) => [enc.text(key), value]));
}
