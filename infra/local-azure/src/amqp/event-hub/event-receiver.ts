import { AmqpError, linkStolen } from '../errors.ts';
import type { SenderLink } from '../protocol/sender-link.ts';
import { Described, asNumber, asText } from '../protocol/values.ts';
import { offsetOf, sequenceAtOffset, withLastEnqueued } from './event-codec.ts';
import type { StoredEvent } from './event-store.ts';
import type { PartitionLog } from './partition-log.ts';

const SELECTOR = 'apache.org:selector-filter:string';
const RUNTIME_METRIC = 'com.microsoft:enable-receiver-runtime-metric';
/** Azure's limit of readers without an owner level, of one partition in one consumer group. */
const MAX_READERS = 5;
const EXPRESSION =
  /^amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time)\s*(>=?)\s*'([^']*)'$/;

/** A reader of one partition: a cursor that moves as fast as credit, window and socket let it. */
export class EventReceiver {
  readonly ownerLevel: number | undefined;
  readonly #link: SenderLink;
  readonly #log: PartitionLog;
  readonly #clock: () => number;
  readonly #tracksLast: boolean;
  #next: number;
  #chunk: readonly StoredEvent[] = [];
  #chunkAt = 0;
  #pumping = false;

  constructor(link: SenderLink, log: PartitionLog, clock: () => number) {
    this.#link = link;
    this.#log = log;
    this.#clock = clock;
    this.ownerLevel = ownerLevelOf(link);
    this.#tracksLast = link.desiredCapabilities.includes(RUNTIME_METRIC);
    this.#next = startSequence(link, log);
  }

  /** Closes readers of a lower or equal owner level, or throws when this one may not read. */
  takeOver(readers: ReadonlySet<EventReceiver>, what: string): void {
    const level = this.ownerLevel;
    for (const reader of readers) {
      if (reader.ownerLevel !== undefined && (level === undefined || level < reader.ownerLevel)) {
        throw linkStolen(what);
      }
    }
    if (level === undefined) {
      if (readers.size >= MAX_READERS) throw tooManyReaders(what);
      return;
    }
    for (const reader of [...readers]) reader.#link.detach(linkStolen(what));
  }

  start(onEnd: () => void): void {
    const stop = this.#log.onAppended(() => this.#pump());
    this.#link.onClosed(() => {
      stop();
      onEnd();
    });
    // Settled on the wire already: the client then sends no dispositions, which halves the work.
    this.#link.accept({ onReady: () => this.#pump() }, true);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let event = this.#peek();
    while (event !== undefined && this.#link.canSend(event.bytes.length + MAX_TRACKING_BYTES)) {
      this.#send(event);
      this.#chunkAt++;
      this.#next = event.sequence + 1;
      event = this.#peek();
    }
    this.#pumping = false;
  }

  #peek(): StoredEvent | undefined {
    if (this.#link.credit <= 0) return undefined;
    if (this.#chunkAt >= this.#chunk.length) {
      this.#chunk = this.#log.read(this.#next);
      this.#chunkAt = 0;
    }
    return this.#chunk[this.#chunkAt];
  }

  #send(event: StoredEvent): void {
    if (!this.#tracksLast) this.#link.send([event.bytes]);
    else this.#link.send(withLastEnqueued(event.bytes, this.#log.lastPosition, this.#clock()));
  }
}

const MAX_TRACKING_BYTES = 256;

function ownerLevelOf(link: SenderLink): number | undefined {
  const level = asNumber(link.properties.get('com.microsoft:epoch'));
  if (level === undefined || (Number.isSafeInteger(level) && level >= 0)) return level;
  throw new AmqpError('amqp:invalid-field', `The owner level is ${level}; give 0 or more.`);
}

function startSequence(link: SenderLink, log: PartitionLog): number {
  const filter = link.source.filter.get(SELECTOR);
  if (filter === undefined) return log.firstSequence;
  const expression = asText(filter instanceof Described ? filter.value : filter) ?? '';
  const [, kind, comparison, value] = EXPRESSION.exec(expression.trim()) ?? [];
  if (kind === undefined || value === undefined) throw badPosition(expression);
  const inclusive = comparison === '>=';
  if (kind === 'offset' && value === '@latest') return log.nextSequence;
  const number = Number(value);
  if (!INTEGER.test(value) || !Number.isSafeInteger(number)) throw badPosition(expression);
  if (kind === 'enqueued-time') return log.sequenceAtTime(number, inclusive);
  const isOffset = kind === 'offset';
  const sequence = isOffset ? sequenceAtOffset(number, inclusive) : number + (inclusive ? 0 : 1);
  if (sequence > log.nextSequence) throw beyondTheEnd(isOffset, value, log);
  return Math.max(sequence, 0);
}

const INTEGER = /^-?\d+$/;

function tooManyReaders(what: string): AmqpError {
  return new AmqpError(
    'amqp:resource-limit-exceeded',
    `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ` +
      `${MAX_READERS}. ${what} has them: close one, or use another group.`,
    403,
  );
}

function badPosition(expression: string): AmqpError {
  return new AmqpError(
    'amqp:invalid-field',
    `The start position "${expression}" could not be read. ` +
      'Give an offset, a sequence number or a time.',
  );
}

/** As in Azure: a reader with a position of another hub, or of lost data, would skip events. */
function beyondTheEnd(isOffset: boolean, value: string, log: PartitionLog): AmqpError {
  const what = isOffset ? 'offset' : 'sequence number';
  const last = log.nextSequence - 1;
  return new AmqpError(
    'com.microsoft:argument-error',
    `The supplied ${what} '${value}' is invalid. The last ${what} in the system is ` +
      `'${isOffset && last >= 0 ? offsetOf(last) : last}'. Was the checkpoint made with another data folder?`,
  );
}
