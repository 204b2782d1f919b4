import { AmqpError, notSupported } from '../errors.ts';
import { MAX_MESSAGE_BYTES } from '../protocol/link.ts';
import type { DecodedMessage } from '../message/sections.ts';
import * as enc from '../protocol/encode.ts';
import { Uuid, asList, asMap, asNumber, asText } from '../protocol/values.ts';
import type { AmqpMap, AmqpValue } from '../protocol/values.ts';
import type { BusEntity } from '../service-bus/bus.ts';
import { encodeDelivery, readDraft } from '../service-bus/message-codec.ts';
import type { Entrance } from '../service-bus/entrance.ts';
import { DEAD_LETTER_DESCRIPTION, DEAD_LETTER_REASON } from '../service-bus/settlement.ts';
import type { MessageQueue } from '../service-bus/queue.ts';
import type { Settlement } from '../service-bus/settlement.ts';
import { errorReply } from './request-reply.ts';
import type { Reply } from './request-reply.ts';

type Respond = (reply: Reply) => void;

const MAX_PEEKED_MESSAGES = 250;
const NO_CONTENT = 204;

/**
 * The operations of a Service Bus entity's $management node. Throws an AmqpError for all others.
 */
export function answerBusRequest(
  request: DecodedMessage,
  entity: BusEntity,
  respond: Respond,
): void {
  const operation = asText(request.applicationProperties.get('operation')) ?? '';
  const body = asMap(request.body);
  switch (operation) {
    case 'com.microsoft:renew-lock': {
      respond(renewLocks(body, queueOf(entity)));
      return;
    }
    case 'com.microsoft:peek-message': {
      respond(peek(body, queueOf(entity)));
      return;
    }
    case 'com.microsoft:update-disposition': {
      settle(body, queueOf(entity), respond);
      return;
    }
    case 'com.microsoft:schedule-message': {
      schedule(body, entranceOf(entity), respond);
      return;
    }
    case 'com.microsoft:cancel-scheduled-message': {
      cancel(body, entranceOf(entity), respond);
      return;
    }
    default:
      throw notSupported(`The management operation '${operation}'`);
  }
}

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

function renewLocks(body: AmqpMap, queue: MessageQueue): Reply {
  const expirations = lockTokens(body).map((token) => queue.renew(token));
  return reply({ expirations: enc.timestampArray(expirations) });
}

function peek(body: AmqpMap, queue: MessageQueue): Reply {
  if (typeof body.get('session-id') === 'string') throw notSupported('Peeking into a session');
  const from = asNumber(body.get('from-sequence-number')) ?? 0;
  const count = Math.min(asNumber(body.get('message-count')) ?? 1, MAX_PEEKED_MESSAGES);
  const found = queue.peek(Math.max(from, 0), count, MAX_MESSAGE_BYTES / 2);
  if (found.length === 0) return { status: NO_CONTENT, description: 'No message is there.' };
  const messages = found.map((message) =>
    enc.map([enc.text('message'), enc.binary(Buffer.concat(encodeDelivery(message, undefined)))]),
  );
  return reply({ messages: enc.list(messages) });
}

/** Settles by lock token: how the SDK does it when the receiver's link is gone. */
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
    if (Buffer.isBuffer(message)) return readDraft(message);
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
  const sequences = asList(body.get('sequence-numbers')).map((value) => asNumber(value) ?? 0);
  entrance.cancel(sequences, (error) => respond(error ? errorReply(error) : reply({})));
}

function lockTokens(body: AmqpMap): Buffer[] {
  const tokens = asList(body.get('lock-tokens'));
  const bytes = tokens.flatMap((token) => (token instanceof Uuid ? [token.bytes] : []));
  if (bytes.length > 0 && bytes.length === tokens.length) return bytes;
  throw new AmqpError('amqp:invalid-field', 'The request carries no lock token.');
}

function reply(fields: Readonly<Record<string, Buffer>>): Reply {
  const items = Object.entries(fields).flatMap(([key, value]) => [enc.text(key), value]);
  return { status: 200, description: 'OK', body: enc.map(items) };
}
