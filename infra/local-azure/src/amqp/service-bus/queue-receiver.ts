import { AmqpError, notSupported } from '../errors.ts';
import type { OutgoingDelivery, SenderLink } from '../protocol/sender-link.ts';
import { ACCEPTED, CODE, rejected } from '../protocol/performatives.ts';
import { Described, asList, asMap } from '../protocol/values.ts';
import type { AmqpMap, AmqpValue } from '../protocol/values.ts';
import type { StoredMessage } from './bus-store.ts';
import { encodeDelivery, swapTokenBytes } from './message-codec.ts';
import type { MessageQueue } from './queue.ts';
import type { Receiver } from './receiver-turns.ts';
import type { Settlement } from './settlement.ts';

/** Our header and annotations, on top of a message's stored bytes. */
const MAX_HEAD_BYTES = 512;

/**
 * Messages that are deleted for a client before it has them: what is lost when its link ends in the
 * middle, and kept in memory when its window or socket is full.
 */
const MAX_PROMISED = 256;

type ClientLink = Pick<
  SenderLink,
  'sndSettleMode' | 'credit' | 'accept' | 'onClosed' | 'canSend' | 'send' | 'settle' | 'finishDrain'
>;

/** A client that receives from one queue. */
export class QueueReceiver implements Receiver {
  readonly mode: Receiver['mode'];
  readonly #link: ClientLink;
  readonly #queue: MessageQueue;
  /** Messages that were given to this receiver and wait for their deletion's commit. */
  #promised = 0;
  readonly #deleted: Buffer[][] = [];

  constructor(link: ClientLink, queue: MessageQueue) {
    this.#link = link;
    this.#queue = queue;
    this.mode = link.sndSettleMode === 1 ? 'receiveAndDelete' : 'peekLock';
  }

  start(): void {
    this.#queue.ready.addReceiver(this);
    this.#link.onClosed(() => this.#queue.ready.removeReceiver(this));
    this.#link.accept(
      {
        onReady: () => this.#onReady(),
        onDisposition: (delivery, state) => this.#onDisposition(delivery, state),
        isDrained: () => this.#promised === 0,
      },
      this.mode === 'receiveAndDelete',
    );
  }

  canTake(bytes: number): boolean {
    if (this.#promised >= Math.min(this.#link.credit, MAX_PROMISED)) return false;
    return this.#link.canSend(bytes + MAX_HEAD_BYTES);
  }

  takeLocked(message: StoredMessage, token: Buffer, untilMs: number): void {
    this.#link.send(encodeDelivery(message, untilMs), swapTokenBytes(token));
  }

  promiseDeleted(): void {
    this.#promised++;
  }

  takeDeleted(message: StoredMessage, error: AmqpError | undefined): void {
    if (error === undefined) this.#deleted.push(encodeDelivery(message, undefined));
    else this.#promised--;
    this.#onReady();
    this.#link.finishDrain();
  }

  #onReady(): void {
    this.#sendDeleted();
    this.#queue.ready.dispatch();
  }

  #sendDeleted(): void {
    for (let next = this.#deleted[0]; next !== undefined; next = this.#deleted[0]) {
      const bytes = next.reduce((sum, part) => sum + part.length, 0);
      if (!this.#link.canSend(bytes)) return;
      this.#deleted.shift();
      this.#promised--;
      this.#link.send(next);
    }
  }

  #onDisposition(delivery: OutgoingDelivery, state: AmqpValue): void {
    const done = (error?: AmqpError): void =>
      this.#link.settle(delivery, error ? rejected(error) : ACCEPTED);
    try {
      this.#queue.settle(swapTokenBytes(delivery.tag), readSettlement(state), done);
    } catch (error) {
      done(error instanceof AmqpError ? error : new AmqpError('amqp:invalid-field', String(error)));
    }
  }
}

/** What a receiver decides, as AMQP's outcomes. Throws for any other. */
function readSettlement(state: AmqpValue): Settlement {
  const fields = state instanceof Described ? asList(state.value) : [];
  switch (state instanceof Described ? state.descriptor : undefined) {
    case CODE.accepted:
      return { kind: 'complete' };
    case CODE.released:
      return { kind: 'abandon', properties: new Map() };
    case CODE.modified:
      return { kind: fields[1] === true ? 'defer' : 'abandon', properties: asMap(fields[2]) };
    case CODE.rejected:
      return { kind: 'deadLetter', properties: rejectionInfo(fields[0]) };
    default:
      throw notSupported('This outcome of a delivery');
  }
}

function rejectionInfo(error: AmqpValue | undefined): AmqpMap {
  return error instanceof Described ? asMap(asList(error.value)[2]) : asMap(undefined);
}
