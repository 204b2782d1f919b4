import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Journal } from '../journal/journal.ts';
import { Timers } from '../journal/timers.ts';
import * as enc from '../protocol/encode.ts';
import type { SenderLinkHandler } from '../protocol/sender-link.ts';
import { until } from '../../../test/amqp/server.fixture.ts';
import { BusStore } from './bus-store.ts';
import type { StoredMessage } from './bus-store.ts';
import { readDraft } from './message-codec.ts';
import { QueueReceiver } from './queue-receiver.ts';
import { MessageQueue } from './queue.ts';
import type { Receiver } from './receiver-turns.ts';
import type { Settlement } from './settlement.ts';

const LOCK_MS = 60_000;
const body = enc.described(0x75, enc.binary(Buffer.alloc(100)));
const complete: Settlement = { kind: 'complete' };
const abandon: Settlement = { kind: 'abandon', properties: new Map() };

let now: number;
let journal: Journal;
let timers: Timers;
let queue: MessageQueue;
let dead: MessageQueue;

beforeEach(() => {
  now = 1_000_000;
  journal = new Journal(':memory:');
  timers = new Timers(() => now);
  const store = new BusStore(journal.db);
  const services = { journal, timers, clock: () => now, maxEntityBytes: 1000 };
  const settings = { lockMs: LOCK_MS, maxDeliveryCount: 2 };
  const deadSettings = { ...settings, name: 'q/$DeadLetterQueue', maxDeliveryCount: Infinity };
  dead = new MessageQueue(deadSettings, store.entity('dead'), services, undefined);
  queue = new MessageQueue({ ...settings, name: 'q' }, store.entity('q'), services, dead);
});

afterEach(() => {
  timers.close();
  journal.close();
});

/** Puts messages in, and waits for the commit. */
function fill(count: number, ttlMs?: number): void {
  for (let n = 0; n < count; n++) {
    const draft = { ...readDraft(body), ttlMs };
    journal.submit(queue.enqueue(draft, queue.nextSequence()));
  }
  journal.flush();
}

interface Taken {
  readonly message: StoredMessage;
  readonly token: Buffer;
}

/** Takes at most `room` messages, and holds them. */
function holder(room = Infinity): Receiver & { readonly taken: Taken[] } {
  const taken: Taken[] = [];
  return {
    mode: 'peekLock',
    taken,
    canTake: () => taken.length < room,
    takeLocked: (message, token) => taken.push({ message, token }),
    promiseDeleted: () => undefined,
    takeDeleted: () => undefined,
  };
}

function receive(receiver: Receiver): void {
  queue.ready.addReceiver(receiver);
  queue.ready.dispatch();
  journal.flush();
}

test('a message that was settled leaves no deadline behind, whatever its time to live', () => {
  fill(2000, 14 * 24 * 3_600_000);
  const receiver = holder();
  receive(receiver);
  expect(receiver.taken).toHaveLength(2000);
  for (const { token } of receiver.taken) queue.settle(token, complete, () => undefined);
  journal.flush();
  expect(timers.size).toBeLessThan(100);
});

test('a renewed lock has one deadline, however often it is renewed', () => {
  fill(1);
  const receiver = holder();
  receive(receiver);
  for (let n = 0; n < 1000; n++) queue.renew(receiver.taken[0]!.token);
  expect(timers.size).toBeLessThan(100);
});

test('what a receiver held when it went comes to another one when the locks end', async () => {
  fill(3);
  const gone = holder();
  receive(gone);
  queue.ready.removeReceiver(gone);
  queue.settle(gone.taken[1]!.token, complete, () => undefined);
  const next = holder();
  receive(next);
  expect(next.taken).toEqual([]);
  now += LOCK_MS;
  await until('the locks to end', () => next.taken.length > 0);
  expect(next.taken.map(({ message }) => [message.sequence, message.deliveryCount])).toEqual([
    [1, 1],
    [3, 1],
  ]);
  const late: unknown[] = [];
  queue.settle(gone.taken[0]!.token, complete, (error) => late.push(error?.condition));
  expect(late).toEqual(['com.microsoft:message-lock-lost']);
});

test('the time to live of a locked message does not end its lock, but its return', () => {
  fill(1, 1000);
  const receiver = holder(1);
  receive(receiver);
  now += 1000;
  const told: unknown[] = [];
  queue.settle(receiver.taken[0]!.token, abandon, (error) => told.push(error));
  journal.flush();
  expect(told).toEqual([undefined]);
  expect(queue.peek(0, 10, 1000)).toEqual([]);
  receive(holder());
  expect(dead.peek(0, 10, 1000)).toEqual([]);
});

test('a message whose time to live passed is not given out', async () => {
  fill(1);
  fill(1, 1000);
  now += 1000;
  await until('the second message to go', () => queue.peek(0, 10, 1000).length === 1);
  const receiver = holder();
  receive(receiver);
  expect(receiver.taken.map(({ message }) => message.sequence)).toEqual([1]);
});

test('dead letters count towards the quota, until they are settled', () => {
  fill(1);
  const receiver = holder(1);
  receive(receiver);
  const why: Settlement = { kind: 'deadLetter', properties: new Map() };
  queue.settle(receiver.taken[0]!.token, why, () => undefined);
  journal.flush();
  expect(() => queue.ensureRoom(900)).toThrow(/size quota of 'q'.*dead letters too/);
  const cleaner = holder();
  dead.ready.addReceiver(cleaner);
  dead.ready.dispatch();
  dead.settle(cleaner.taken[0]!.token, complete, () => undefined);
  journal.flush();
  queue.ensureRoom(900);
});

test('receive-and-delete deletes no more than a little ahead of a client that is slow', () => {
  fill(2000);
  let room = 10;
  let handler: SenderLinkHandler | undefined;
  let onClosed: (() => void) | undefined;
  const receiver = new QueueReceiver(
    {
      sndSettleMode: 1,
      credit: 2000,
      accept: (given) => (handler = given),
      onClosed: (run) => (onClosed = run),
      // The check before a message is deleted passes, the one before it is sent has little room.
      canSend: (bytes) => bytes > 512 || room > 0,
      send: () => room--,
      settle: () => undefined,
      finishDrain: () => undefined,
    },
    queue,
  );
  receiver.start();
  handler?.onReady();
  journal.flush();
  onClosed?.();
  expect(room).toBe(0);
  expect(queue.peek(0, 2000, 1_000_000)).toHaveLength(2000 - 10 - 256);
});

test('a settlement with properties that cannot be written gives the message back', () => {
  fill(1);
  const receiver = holder(1);
  receive(receiver);
  const properties = new Map([['too large', 2n ** 64n]]);
  const settle = (): void =>
    queue.settle(receiver.taken[0]!.token, { kind: 'abandon', properties }, () => undefined);
  expect(settle).toThrow(/out of range/);
  const next = holder(1);
  receive(next);
  expect(next.taken.map(({ message }) => message.sequence)).toEqual([1]);
});
