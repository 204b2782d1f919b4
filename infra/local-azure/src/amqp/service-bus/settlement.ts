import { text } from '../protocol/encode.ts';
import type { AmqpMap } from '../protocol/values.ts';
import { withAnnotation, withApplicationProperties } from './message-codec.ts';

/** What a receiver decides about a message that it holds the lock of. */
export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly properties: AmqpMap }
  | { readonly kind: 'deadLetter'; readonly properties: AmqpMap };

export const DEAD_LETTER_REASON = 'DeadLetterReason';
export const DEAD_LETTER_DESCRIPTION = 'DeadLetterErrorDescription';

/** Why a message that was given out too often is a dead letter. */
export function tooManyDeliveries(queue: string, deliveries: number, limit: number): AmqpMap {
  const why =
    `Message could not be consumed after ${deliveries} delivery attempts ` +
    `(the limit of '${queue}' is ${limit}).`;
  return new Map([
    [DEAD_LETTER_REASON, 'MaxDeliveryCountExceeded'],
    [DEAD_LETTER_DESCRIPTION, why],
  ]);
}

/** A message's body as its dead letter: with the reason, and the queue it comes from. */
export function deadLetterBody(body: Buffer, source: string, properties: AmqpMap): Buffer {
  const marked = withAnnotation(body, 'x-opt-deadletter-source', text(source));
  return withApplicationProperties(marked, properties);
}
