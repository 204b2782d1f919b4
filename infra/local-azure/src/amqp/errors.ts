/**
 * What a peer is told when something it asked for is refused: an AMQP error, or the status of a
 * reply.
 */
export class AmqpError extends Error {
  readonly condition: string;
  readonly status: number;

  constructor(condition: string, message: string, status = 400) {
    super(message);
    this.name = 'AmqpError';
    this.condition = condition;
    this.status = status;
  }
}

/** Bytes of a peer that are no AMQP 1.0, or not what belongs there. */
export class DecodeError extends AmqpError {
  constructor(message: string) {
    super('amqp:decode-error', message);
    this.name = 'DecodeError';
  }
}

/** The SDKs recognise a missing entity by these words, not by the condition alone. */
export function entityNotFound(address: string): AmqpError {
  return new AmqpError(
    'amqp:not-found',
    `The messaging entity '${address}' could not be found in the embedded Azure. ` +
      'Use one of the entities of infra/topology.',
    404,
  );
}

export function notSupported(what: string): AmqpError {
  return new AmqpError(
    'amqp:not-implemented',
    `${what} is not supported by the embedded Azure. Use real Azure for it, or do without.`,
    501,
  );
}

export function unauthorized(why: string): AmqpError {
  return new AmqpError('amqp:unauthorized-access', why, 401);
}

export function lockLost(): AmqpError {
  return new AmqpError(
    'com.microsoft:message-lock-lost',
    'The lock on the message is not held any more: it expired, or the message was settled. ' +
      'Receive the message again.',
    410,
  );
}

export function messageNotFound(
  sequenceNumber: number,
  state: 'scheduled' | 'deferred',
): AmqpError {
  const why = state === 'scheduled' ? 'enqueued or cancelled' : 'settled, or is locked';
  return new AmqpError(
    'com.microsoft:message-not-found',
    `No ${state} message has the sequence number ${sequenceNumber}: it was ${why}.`,
    404,
  );
}

export function linkStolen(what: string): AmqpError {
  return new AmqpError(
    'amqp:link:stolen',
    `${what} is read by a receiver with a higher or equal owner level (epoch): this one is closed.`,
  );
}

export function entityFull(name: string, limitBytes: number): AmqpError {
  return new AmqpError(
    'amqp:resource-limit-exceeded',
    `The size quota of '${name}' (${limitBytes} bytes) is exceeded: ` +
      'the message was not accepted. Receive and settle messages, dead letters too, to make room.',
    403,
  );
}

export function toAmqpError(error: unknown): AmqpError {
  if (error instanceof AmqpError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new AmqpError('amqp:internal-error', `The embedded Azure failed: ${text}`, 500);
}
