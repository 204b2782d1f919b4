import { AmqpError, notSupported } from '../errors.ts';
import { MAX_MESSAGE_BYTES } from '../protocol/link.ts';
import type { DecodedMessage } from '../message/sections.ts';
import * as enc from '../protocol/encode.ts';
import { Uuid, asList, asMap, asNumber, asText } from '../protocol/values.ts';
import type { AmqpMap, AmqpValue } from '../protocol/values.ts';
import type { BusEntity } from '../service-bus/bus.ts';
import { encodeDelivery, readSent } from '../service-bus/message-codec.ts';
import type { Entrance } from '../service-bus/entrance.ts';
import { DEAD_LETTER_DESCRIPTION, DEAD_LETTER_REASON } from '../service-bus/settlement.ts';
import type { MessageQueue } from '../service-bus/queue.ts';
import type { Settlement } from '../service-bus/settlement.ts';
import type { SubscriptionRules } from '../service-bus/subscription-rules.ts';
import { errorReply, noContent, reply } from './request-reply.ts';
import type { Reply, Respond } from './request-reply.ts';
import { addRule, enumerateRules, removeRule } from './rule-management.ts';

const MAX_PEEKED_MESSAGES = 250;
const MAX_SEQUENCE_NUMBERS = 4096;
/** The lock token of a message that was deleted when it was given out. */
const NO_TOKEN = Buffer.alloc(16);

/**
 * The operations of a Service Bus entity's $management node. Throws an AmqpError for all others.
 */
export function answerBusRequest(
  request: DecodedMessage,
  entity: BusEntity,
  respond: Respond,
): void {
  const operation = asText(request.applicationProperties.get('operation')) ?? '';
  const answer = OPERATIONS.get(operation.replace(/^com\.microsoft:/, ''));
  if (answer === undefined) throw notSupported(`The management operation '${operation}'`);
  answer(asMap(request.body), entity, respond);
}

type Answer = (body: AmqpMap, entity: BusEntity, respond: Respond) => void;

const OPERATIONS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['renew-lock', (body, entity, respond) => respond(renewLocks(body, queueOf(entity)))],
  ['peek-message', (body, entity, respond) => respond(peek(body, queueOf(entity)))],
  ['update-disposition', (body, entity, respond) => settle(body, queueOf(entity), respond)],
  [
    'receive-by-sequence-number',
    (body, entity, respond) => receiveDeferred(body, queueOf(entity), respond),
  ],
  ['schedule-message', (body, entity, respond) => schedule(body, entranceOf(entity), respond)],
  [
    'cancel-scheduled-message',
    (body, entity, respond) => cancel(body, entranceOf(entity), respond),
  ],
  ['enumerate-rules', (body, entity, respond) => respond(enumerateRules(body, rulesOf(entity)))],
  ['add-rule', (body, entity, respond) => addRule(body, rulesOf(entity), respond)],
  ['remove-rule', (body, entity, respond) => removeRule(body, rulesOf(entity), respond)],
]);

function queueOf(entity: BusEntity): MessageQueue {
  if (entity.queue !== undefined) return entity.queue;
  throw new AmqpError('amqp:not-allowed', `'${entity.name}' holds no messages: it is a topic.`);
}

function entranceOf(entity: BusEntity): Entrance {
  if (entity.entrance !== undefined) return entity.entrance;
  throw new AmqpError(
    'amqp:not-allowed',
    `Messages cannot be sent to '${entity.name}': send to its queue or topic.`,
  );
}

function rulesOf(entity: BusEntity): SubscriptionRules {
  if (entity.rules !== undefined) return entity.rules;
  throw new AmqpError('amqp:not-allowed', `'${entity.name}' has no rules: it is no subscription.`);
}

function renewLocks(body: AmqpMap, queue: MessageQueue): Reply {
  const expirations = lockTokens(body).map((token) => queue.renew(token));
  return reply({ expirations: enc.timestampArray(expirations) });
}

function peek(body: AmqpMap, queue: MessageQueue): Reply {
  if (typeof body.get('session-id') === 'string') throw notSupported('Peeking into a session');
  const from = asNumber(body.get('from-sequence-number')) ?? 0;
  const wanted = asNumber(body.get('message-count')) ?? 1;
  const count = Math.min(Math.max(wanted, 1), MAX_PEEKED_MESSAGES);
  const found = queue.peek(Math.max(from, 0), count, MAX_MESSAGE_BYTES / 2);
  if (found.length === 0) return noContent('No message is there.');
  const omitBody = body.get('omit-message-body') === true;
  const messages = found.map((message) => {
    const parts = encodeDelivery(message, undefined);
    // The body is the last part.
    const bytes = Buffer.concat(omitBody ? parts.slice(0, -1) : parts);
    return enc.map([enc.text('message'), enc.binary(bytes)]);
  });
  return reply({ messages: enc.list(messages) });
}

function receiveDeferred(body: AmqpMap, queue: MessageQueue, respond: Respond): void {
  const mode = asNumber(body.get('receiver-settle-mode')) === 0 ? 'receiveAndDelete' : 'peekLock';
  queue.takeDeferred(sequenceNumbers(body), mode, (error, held) => {
    const messages = held.map(({ message, token, untilMs }) => {
      const bytes = Buffer.concat(encodeDelivery(message, untilMs));
      return enc.map([
        ...[enc.text('lock-token'), enc.uuid(token ?? NO_TOKEN)],
        ...[enc.text('message'), enc.binary(bytes)],
      ]);
    });
    respond(error === undefined ? reply({ messages: enc.list(messages) }) : errorReply(error));
  });
}

/** Settles by lock token: how the SDK does it when the link is gone, or the message was deferred. */
function settle(body: AmqpMap, queue: MessageQueue, respond: Respond): void {
  const settlement = readSettlement(body);
  const tokens = lockTokens(body);
  let open = tokens.length;
  let failure: AmqpError | undefined;
  for (const token of tokens) {
    queue.settle(token, settlement, (error) => {
      failure ??= error;
      open--;
      if (open === 0) respond(failure === undefined ? reply({}) : errorReply(failure));
    });
  }
}

function readSettlement(body: AmqpMap): Settlement {
  const properties = asMap(body.get('properties-to-modify'));
  const status = asText(body.get('disposition-status'));
  switch (status) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    case 'defered':
      return { kind: 'defer', properties };
    case 'suspended':
      return { kind: 'deadLetter', properties: deadLetterProperties(body, properties) };
    default:
      throw notSupported(`The disposition '${status ?? ''}'`);
  }
}

function deadLetterProperties(body: AmqpMap, properties: AmqpMap): AmqpMap {
  const all = new Map<string, AmqpValue>(properties);
  const reason = asText(body.get('deadletter-reason'));
  const description = asText(body.get('deadletter-description'));
  if (reason !== undefined) all.set(DEAD_LETTER_REASON, reason);
  if (description !== undefined) all.set(DEAD_LETTER_DESCRIPTION, description);
  return all;
}

function schedule(body: AmqpMap, entrance: Entrance, respond: Respond): void {
  const drafts = asList(body.get('messages')).map((item) => {
    const message = asMap(item).get('message');
    if (Buffer.isBuffer(message)) return readSent(message);
    throw new AmqpError('amqp:invalid-field', 'schedule-message: a message is not binary.');
  });
  entrance.schedule(drafts, (error, sequences) =>
    respond(
      error === undefined
        ? reply({ 'sequence-numbers': enc.longArray(sequences) })
        : errorReply(error),
    ),
  );
}

function cancel(body: AmqpMap, entrance: Entrance, respond: Respond): void {
  entrance.cancel(sequenceNumbers(body), (error) => respond(error ? errorReply(error) : reply({})));
}

function lockTokens(body: AmqpMap): Buffer[] {
  const tokens = asList(body.get('lock-tokens'));
  const bytes = tokens.flatMap((token) => (token instanceof Uuid ? [token.bytes] : []));
  if (bytes.length > 0 && bytes.length === tokens.length) return bytes;
  throw new AmqpError('amqp:invalid-field', 'The request carries no lock token.');
}

function sequenceNumbers(body: AmqpMap): readonly number[] {
  const numbers = asList(body.get('sequence-numbers')).map((value) => asNumber(value) ?? 0);
  if (numbers.length > 0 && numbers.length <= MAX_SEQUENCE_NUMBERS) return numbers;
  throw new AmqpError(
    'amqp:invalid-field',
    `The request carries ${numbers.length} sequence numbers: give 1 to ${MAX_SEQUENCE_NUMBERS}.`,
  );
}
