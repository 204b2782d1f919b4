import { AmqpError, linkStolen } from '../errors.ts';
import type { SenderLink } from '../protocol/sender-link.ts';
import { Described, asNumber, asText } from '../protocol/values.ts';
import { sequenceAtOffset, withLastEnqueued } from './event-codec.ts';
import type { StoredEvent } from './event-store.ts';
import type { PartitionLog } from './partition-log.ts';

const SELECTOR = 'apache.org:selector-filter:string';
const RUNTIME_METRIC = 'com.microsoft:enable-receiver-runtime-metric';
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
    this.ownerLevel = asNumber(link.properties.get('com.microsoft:epoch'));
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
    if (level === undefined) return;
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

function startSequence(link: SenderLink, log: PartitionLog): number {
  const filter = link.source.filter.get(SELECTOR);
  if (filter === undefined) return log.firstSequence;
  const expression = asText(filter instanceof Described ? filter.value : filter) ?? '';
  const [, kind, comparison, value] = EXPRESSION.exec(expression.trim()) ?? [];
  if (kind === undefined || value === undefined) throw badPosition(expression);
  const inclusive = comparison === '>=';
  if (kind === 'offset' && value === '@latest') return log.nextSequence;
  const number = Number(value);
  if (value === '' || !Number.isFinite(number)) throw badPosition(expression);
  if (kind === 'offset') return Math.max(sequenceAtOffset(number, inclusive), 0);
  if (kind === 'sequence-number') return inclusive ? number : number + 1;
  return log.sequenceAtTime(number, inclusive);
}

function badPosition(expression: string): AmqpError {
  return new AmqpError(
    'amqp:invalid-field',
    `The start position "${expression}" could not be read. ` +
      'Give an offset, a sequence number or a time.',
  );
}
