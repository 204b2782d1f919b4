import type { ReceivedEventData } from '@azure/event-hubs';

/** The body's bytes. Producers of AMQP value bodies send a string or a structure: their JSON is taken. */
export function bytesOf(event: ReceivedEventData): Uint8Array {
  const body: unknown = event.body;
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.from(JSON.stringify(body ?? null));
}
