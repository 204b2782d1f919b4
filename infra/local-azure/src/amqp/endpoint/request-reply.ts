import { toAmqpError } from '../errors.ts';
import { decodeMessage } from '../message/sections.ts';
import type { DecodedMessage } from '../message/sections.ts';
import * as enc from '../protocol/encode.ts';
import type { IncomingMessage, ReceiverLink } from '../protocol/receiver-link.ts';
import type { SenderLink } from '../protocol/sender-link.ts';
import { ACCEPTED } from '../protocol/performatives.ts';
import { asText } from '../protocol/values.ts';

export interface Reply {
  readonly status: number;
  readonly description?: string;
  readonly condition?: string;
  /** The encoded value of the body. */
  readonly body?: Buffer;
}

/** Answers one request. It may throw an AmqpError; `respond` may come later, once. */
export type RequestHandler = (request: DecodedMessage, respond: Respond) => void;

export type Respond = (reply: Reply) => void;

/** Replies that wait for a client's credit; a client that never gives any loses the oldest. */
const MAX_WAITING_REPLIES = 1000;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** The client's link for replies: found again by its name, which requests give as `reply-to`. */
export function openReplyLink(link: SenderLink): void {
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  const take = (): void => {
    waitingBytes -= waiting.shift()?.length ?? 0;
  };
  const send = (): void => {
    for (
      let next = waiting[0];
      next !== undefined && link.canSend(next.length);
      next = waiting[0]
    ) {
      take();
      link.send([next]);
    }
  };
  const push = (reply: Buffer): void => {
    waiting.push(reply);
    waitingBytes += reply.length;
    send();
    while (waiting.length > MAX_WAITING_REPLIES || waitingBytes > MAX_WAITING_BYTES) take();
  };
  const { replies } = link.connection;
  replies.set(link.name, push);
  // A client may open a link of the same name before this one is closed: that one stays.
  link.onClosed(() => replies.get(link.name) === push && replies.delete(link.name));
  // Settled at once: an unsettled reply costs the client's next request 40 ms (Nagle's algorithm).
  link.accept({ onReady: send }, true);
}

/** The client's link for requests. */
export function openRequestLink(link: ReceiverLink, handle: RequestHandler): void {
  link.accept((message) => {
    if (!message.settled) link.settle(message.deliveryId, ACCEPTED);
    answer(link, message, handle);
  });
}

function answer(link: ReceiverLink, message: IncomingMessage, handle: RequestHandler): void {
  const request = decodeMessage(message.payload);
  const push = link.connection.replies.get(asText(request.replyTo) ?? '');
  if (push === undefined) return;
  const respond: Respond = (given) => push(encodeReply(request, given));
  try {
    handle(request, respond);
  } catch (error) {
    respond(errorReply(error));
  }
}

/** A reply with a map as its body. */
export function reply(fields: Readonly<Record<string, Buffer>>): Reply {
  const items = Object.entries(fields).flatMap(([key, value]) => [enc.text(key), value]);
  return { status: 200, description: 'OK', body: enc.map(items) };
}

export function noContent(description: string): Reply {
  return { status: 204, description };
}

export function errorReply(error: unknown): Reply {
  const { status, condition, message } = toAmqpError(error);
  return { status, condition, description: message };
}

/** Status under both spellings: some of the SDKs' callers read one, some the other. */
function encodeReply(
  request: DecodedMessage,
  { status, description = '', condition, body }: Reply,
): Buffer {
  const entries = [
    ...[enc.text('status-code'), enc.int(status), enc.text('statusCode'), enc.int(status)],
    ...[enc.text('status-description'), enc.text(description)],
    ...[enc.text('statusDescription'), enc.text(description)],
  ];
  if (condition !== undefined) {
    entries.push(enc.text('error-condition'), enc.symbol(condition));
    entries.push(enc.text('errorCondition'), enc.symbol(condition));
  }
  const properties = [enc.nil, enc.nil, enc.nil, enc.nil, enc.nil, request.messageId];
  return Buffer.concat([
    enc.described(0x73, enc.list(properties)),
    enc.described(0x74, enc.map(entries)),
    enc.described(0x77, body ?? enc.nil),
  ]);
}
