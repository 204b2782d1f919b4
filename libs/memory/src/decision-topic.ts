import { after, minuteMs, topicMessageId } from '@headroom/core';
import type { Instant, Millis, TopicMessage } from '@headroom/core';
import type { Clock, DecisionTopic, RecordFeed, RecordHandler } from '@headroom/ports';
import type { MemoryQueue } from './command-queue.ts';
import { MessageBox } from './message-box.ts';
import type { Letter } from './message-box.ts';

/** As the topic `decisions` has it. */
export const duplicateWindowMs: Millis = 10 * minuteMs;
export const recordDeliveriesMax = 100;

/** The topic with its two subscriptions: everything to `records`, commands to the queue. */
export class MemoryTopic implements DecisionTopic {
  readonly records: MemoryRecordFeed;
  readonly #clock: Clock;
  readonly #queue: MemoryQueue | undefined;
  readonly #seenUntil = new Map<string, Instant>();
  readonly #accepted: TopicMessage[] = [];

  constructor(clock: Clock, queue?: MemoryQueue) {
    this.#clock = clock;
    this.#queue = queue;
    this.records = new MemoryRecordFeed(clock);
  }

  /** Every message that was not dropped as a duplicate, in order. */
  get accepted(): readonly TopicMessage[] {
    return this.#accepted;
  }

  publish(messages: readonly TopicMessage[]): Promise<void> {
    for (const message of messages) this.#accept(message);
    return Promise.resolve();
  }

  #accept(message: TopicMessage): void {
    const id = topicMessageId(message);
    const now = this.#clock.now();
    const until = this.#seenUntil.get(id);
    if (until !== undefined && until > now) return;
    this.#seenUntil.set(id, after(now, duplicateWindowMs));
    this.#accepted.push(message);
    this.records.put(id, message);
    if (message.kind === 'scale' || message.kind === 'read') this.#queue?.send(message.command);
  }
}

export class MemoryRecordFeed implements RecordFeed {
  readonly #box: MessageBox<TopicMessage>;
  readonly #dead: TopicMessage[] = [];

  constructor(clock: Clock) {
    this.#box = new MessageBox(clock, recordDeliveriesMax, ({ body }) => this.#dead.push(body));
  }

  get waiting(): readonly TopicMessage[] {
    return this.#box.waiting.map(({ body }) => body);
  }

  get deadLetters(): readonly TopicMessage[] {
    return this.#dead;
  }

  put(id: string, message: TopicMessage): void {
    this.#box.put(id, message);
  }

  run(handler: RecordHandler, signal: AbortSignal): Promise<void> {
    return this.#box.run((letter) => handle(letter, handler), signal);
  }

  /** Handles once, one after the other, what waits. Answers how many messages there were. */
  deliver(handler: RecordHandler): Promise<number> {
    return this.#box.deliver((letter) => handle(letter, handler));
  }

  /** The holder of every lock is gone: its messages come again. */
  releaseLocks(): void {
    this.#box.releaseLocks();
  }
}

async function handle(letter: Letter<TopicMessage>, handler: RecordHandler): Promise<undefined> {
  await handler(letter.body);
}
