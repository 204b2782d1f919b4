import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Journal } from '../journal/journal.ts';
import { Timers } from '../journal/timers.ts';
import * as enc from '../protocol/encode.ts';
import { BusStore } from './bus-store.ts';
import type { StoredMessage } from './bus-store.ts';
import { readDraft } from './message-codec.ts';
import { MessageQueue } from './queue.ts';
import type { Receiver } from './receiver-turns.ts';
import type { Settlement } from './settlement.ts';

const MAX_DELIVERIES = 3;
const body = enc.described(0x75, enc.binary(Buffer.alloc(10)));

type Place = 'ready' | 'locked' | 'deferred' | 'dead' | 'gone';

interface Expected {
  place: Place;
  isDeferred: boolean;
  deliveries: number;
}

/** The queue, and beside it what should be where: places and counts by sequence number. */
class Run {
  readonly journal = new Journal(':memory:');
  readonly timers = new Timers(() => 0);
  readonly expected = new Map<number, Expected>();
  readonly tokens = new Map<number, Buffer>();
  queue: MessageQueue;
  dead: MessageQueue;

  constructor() {
    [this.queue, this.dead] = this.#open();
  }

  #open(): [MessageQueue, MessageQueue] {
    const { journal, timers } = this;
    const store = new BusStore(journal.db);
    const services = { journal, timers, clock: () => 0, maxEntityBytes: 1e9 };
    const settings = { name: 'dead', lockMs: 1e6, maxDeliveryCount: Infinity };
    const dead = new MessageQueue(settings, store.entity('dead'), services, undefined);
    const own = { ...settings, name: 'q', maxDeliveryCount: MAX_DELIVERIES };
    const queue = new MessageQueue(own, store.entity('q'), services, dead);
    for (const each of [dead, queue]) each.start();
    journal.flush();
    return [queue, dead];
  }

  restart(): void {
    this.tokens.clear();
    [this.queue, this.dead] = this.#open();
    for (const message of this.expected.values()) {
      if (message.place !== 'locked') continue;
      if (message.isDeferred) message.place = 'deferred';
      else release(message);
    }
  }

  send(): void {
    const sequence = this.queue.nextSequence();
    this.journal.submit(this.queue.enqueue(readDraft(body), sequence));
    this.expected.set(sequence, { place: 'ready', isDeferred: false, deliveries: 0 });
  }

  /** The oldest message that is ready is given out, whatever came back in between. */
  receive(): void {
    const taken: StoredMessage[] = [];
    const receiver: Receiver = {
      mode: 'peekLock',
      canTake: () => taken.length === 0,
      takeLocked: (message, token) => {
        taken.push(message);
        this.tokens.set(message.sequence, token);
      },
      promiseDeleted: () => undefined,
      takeDeleted: () => undefined,
    };
    this.queue.ready.addReceiver(receiver);
    this.queue.ready.dispatch();
    this.queue.ready.removeReceiver(receiver);
    const [oldest] = this.#in('ready');
    expect(taken[0]?.sequence).toBe(oldest);
    if (oldest !== undefined) this.#lock(oldest);
  }

  receiveDeferred(pick: number): void {
    const sequence = pickFrom(this.#in('deferred'), pick);
    if (sequence === undefined) return;
    this.queue.takeDeferred([sequence], 'peekLock', (_, [held]) => {
      if (held?.token !== undefined) this.tokens.set(sequence, held.token);
    });
    this.#lock(sequence);
  }

  settle(pick: number, kind: Settlement['kind']): void {
    const sequence = pickFrom(this.#in('locked'), pick);
    const message = this.expected.get(sequence ?? -1);
    if (sequence === undefined || message === undefined) return;
    const errors: unknown[] = [];
    this.queue.settle(this.tokens.get(sequence) ?? body, { kind, properties: new Map() }, (error) =>
      errors.push(error),
    );
    this.journal.flush();
    expect(errors).toEqual([undefined]);
    if (kind === 'complete') message.place = 'gone';
    else if (kind === 'deadLetter') message.place = 'dead';
    else if (kind === 'abandon') release(message);
    else Object.assign(message, { place: 'deferred', isDeferred: true });
  }

  check(): void {
    this.journal.flush();
    const here = this.queue.peek(0, 1000, 1e9);
    const wanted = this.#in('ready', 'locked', 'deferred').map((sequence) => {
      const { deliveries, isDeferred } = this.expected.get(sequence)!;
      return [sequence, deliveries, isDeferred];
    });
    expect(here.map((m) => [m.sequence, m.deliveryCount, m.isDeferred])).toEqual(wanted);
    const buried = this.dead.peek(0, 1000, 1e9).map(({ enqueuedSequence }) => enqueuedSequence);
    expect(buried.sort((a, b) => a - b)).toEqual(this.#in('dead'));
  }

  close(): void {
    this.timers.close();
    this.journal.close();
  }

  #lock(sequence: number): void {
    const message = this.expected.get(sequence)!;
    message.place = 'locked';
    message.deliveries++;
    this.journal.flush();
  }

  #in(...places: readonly Place[]): number[] {
    return [...this.expected].flatMap(([sequence, { place }]) =>
      places.includes(place) ? [sequence] : [],
    );
  }
}

function release(message: Expected): void {
  if (message.deliveries >= MAX_DELIVERIES) message.place = 'dead';
  else message.place = message.isDeferred ? 'deferred' : 'ready';
}

function pickFrom(sequences: readonly number[], pick: number): number | undefined {
  return sequences[pick % Math.max(sequences.length, 1)];
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant((run: Run) => run.send()) },
  { weight: 4, arbitrary: fc.constant((run: Run) => run.receive()) },
  { weight: 2, arbitrary: fc.nat().map((pick) => (run: Run) => run.receiveDeferred(pick)) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.nat(),
        fc.constantFrom<Settlement['kind']>('complete', 'abandon', 'defer', 'deadLetter'),
      )
      .map(
        ([pick, kind]) =>
          (run: Run) =>
            run.settle(pick, kind),
      ),
  },
  { weight: 1, arbitrary: fc.constant((run: Run) => run.restart()) },
);

test('whatever is done, every message is in one place, in order, with its count, also on disk', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 80 }), (steps) => {
      const run = new Run();
      for (const each of steps) {
        each(run);
        run.check();
      }
      run.close();
    }),
    { numRuns: 20 },
  );
});
