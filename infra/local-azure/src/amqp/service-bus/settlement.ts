import { text } from '../protocol/encode.ts';
import type { AmqpMap } from '../protocol/values.ts';
import { withAnnotation, withApplicationProperties } from './message-codec.ts';

/** What a receiver decides about a message that it holds the lock of. */
export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly properties: AmqpMap }
  | { readonly kind: 'defer'; readonly properties: AmqpMap }
  | { readonly kind: 'deadLetter'; readonly properties: AmqpMap };

export const DEAD_LETTER_REASON = 'DeadLetterReason';
export const DEAD_LETTER_DESCRIPTION = 'DeadLetterErrorDescription';

/** Why a message that was given out too often is a dead letter. */
export function tooManyDeliveries(queue: string, deliveries: number, limit: number): AmqpMap {
  return reason(
    'MaxDeliveryCountExceeded',
    `Message could not be consumed after ${deliveries} delivery attempts ` +
      `(the limit of '${queue}' is ${limit}).`,
  );
}

export function timeToLiveExpired(queue: string): AmqpMap {
  return reason('TTLExpiredException', `The message expired in '${queue}' and was dead lettered.`);
}

export function tooManyHops(queue: string, limit: number): AmqpMap {
  return reason(
    'MaxTransferHopCountExceeded',
    `'${queue}' forwards, but the message was forwarded ${limit} times already, the most allowed.`,
  );
}

function reason(name: string, description: string): AmqpMap {
  return new Map([
    [DEAD_LETTER_REASON, name],
    [DEAD_LETTER_DESCRIPTION, description],
  ]);
}

/** A message's body as its dead letter: with the reason, and the queue it comes from. */
export function deadLetterBody(body: Buffer, source: string, properties: AmqpMap): Buffer {
  const marked = withAnnotation(body, 'x-opt-deadletter-source', text(source));
  return withApplicationProperties(marked, properties);
}
