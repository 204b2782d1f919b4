import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Problem } from '@headroom/core';

/** Service Bus keeps 4096 characters of a dead letter's description. */
const descriptionMax = 4000;

/** The body's bytes. Senders of AMQP value bodies send a string or a structure: their JSON is taken. */
export function bytesOf(message: ServiceBusReceivedMessage): Uint8Array {
  const body: unknown = message.body;
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.from(JSON.stringify(body ?? null));
}

/** Each field and what is wrong with it, for a person. */
export function problemText(problems: readonly Problem[]): string {
  const text = problems.map(({ field, message }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  return text.join('; ').slice(0, descriptionMax);
}
