import { eventHubs } from '@headroom/topology';
import rhea from 'rhea';

/** How many events a reader finds, over all partitions: as many as it asks for. */
export interface Reading {
  readonly hub: string;
  readonly events: number;
}

export const partitions = ['0', '1', '2', '3'];
export const small: Reading = { hub: eventHubs.metrics.name, events: 40_000 };
export const large: Reading = { hub: eventHubs.signals.name, events: 4_000 };

/** What a sender of metrics would put into one event: 1 KB for one record, 27 KB for 100. */
export function eventBody(records: number): unknown {
  if (records === 1) return { ...record(0), pad: 'x'.repeat(760) };
  return { records: Array.from({ length: records }, (_, at) => record(at)) };
}

function record(at: number): Readonly<Record<string, string | number>> {
  const resource = `/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/deployments/d${at}`;
  return {
    ...{ time: '2026-11-29T00:00:00Z', resourceId: resource, metricName: 'CpuUtilization' },
    ...{ timeGrain: 'PT1M', average: 12.5, minimum: 10, maximum: 15, total: 125, count: 10 },
  };
}

export const messageBody = { text: 'x'.repeat(1_000) };

/** Encoded once, with the position that each real one would have of its own. */
export function cannedEvent(records: number): Buffer {
  return encode(eventBody(records), {
    'x-opt-sequence-number': rhea.types.wrap_long(1),
    'x-opt-offset': '100',
    'x-opt-enqueued-time': rhea.types.wrap_timestamp(Date.now()),
  });
}

export function cannedMessage(): Buffer {
  return encode(messageBody, {
    'x-opt-sequence-number': rhea.types.wrap_long(1),
    'x-opt-enqueued-time': rhea.types.wrap_timestamp(Date.now()),
    'x-opt-locked-until': rhea.types.wrap_timestamp(Date.now() + 3_600_000),
  });
}

function encode(body: unknown, annotations: Record<string, unknown>): Buffer {
  return rhea.message.encode({
    ...{ message_id: 'canned', message_annotations: annotations },
    body: rhea.message.data_section(Buffer.from(JSON.stringify(body))) as unknown,
  });
}
