import type { Command, Instant } from '@headroom/core';
import type {
  Clock,
  CommandHandler,
  CommandQueue,
  FollowUp,
  QueueBody,
  QueuedMessage,
} from '@headroom/ports';
import { MessageBox } from './message-box.ts';
import type { Letter } from './message-box.ts';

/** As the queue `scale-commands` has it. */
export const commandDeliveriesMax = 10;

interface Dead {
  readonly body: QueueBody;
  readonly deliveries: number;
  readonly reason: string;
}

export class MemoryQueue implements CommandQueue {
  readonly #live: MessageBox<QueueBody>;
  readonly #dead: MessageBox<Dead>;
  readonly #scheduled = new Set<string>();

  constructor(clock: Clock) {
    this.#live = new MessageBox(clock, commandDeliveriesMax, (letter) =>
      this.#bury(letter, 'MaxDeliveryCountExceeded'),
    );
    this.#dead = new MessageBox(clock, Infinity, () => undefined);
  }

  /** What waits in the queue, scheduled steps included. */
  get waiting(): readonly QueuedMessage[] {
    return this.#live.waiting.map(messageOf);
  }

  get deadLetters(): readonly QueuedMessage[] {
    return this.#dead.waiting.map(deadOf);
  }

  send(command: Command): void {
    this.sendBody(command.id, { kind: 'command', command });
  }

  sendBody(messageId: string, body: QueueBody): void {
    this.#live.put(messageId, body);
  }

  schedule(step: FollowUp, at: Instant): Promise<void> {
    const id = `${step.exclusionKey}:${step.commandId}:${step.attempt}`;
    if (!this.#scheduled.has(id)) this.#live.put(id, { kind: 'followUp', followUp: step }, at);
    this.#scheduled.add(id);
    return Promise.resolve();
  }

  run(handler: CommandHandler, signal: AbortSignal): Promise<void> {
    return this.#live.run((letter) => this.#handle(letter, handler), signal);
  }

  runDeadLetters(handler: CommandHandler, signal: AbortSignal): Promise<void> {
    return this.#dead.run((letter) => handleDead(letter, handler), signal);
  }

  /** Handles once, one after the other, what is due now. Answers how many messages there were. */
  deliver(handler: CommandHandler): Promise<number> {
    return this.#live.deliver((letter) => this.#handle(letter, handler));
  }

  deliverDeadLetters(handler: CommandHandler): Promise<number> {
    return this.#dead.deliver((letter) => handleDead(letter, handler));
  }

  /** The holder of every lock is gone: its messages come again, counted. */
  releaseLocks(): void {
    this.#live.releaseLocks();
    this.#dead.releaseLocks();
  }

  async #handle(
    letter: Letter<QueueBody>,
    handler: CommandHandler,
  ): Promise<(() => void) | undefined> {
    const settlement = await handler(messageOf(letter));
    if (settlement.kind === 'complete') return undefined;
    return () => this.#bury(letter, settlement.reason);
  }

  #bury({ id, body, deliveries }: Letter<QueueBody>, reason: string): void {
    this.#dead.put(id, { body, deliveries, reason });
  }
}

/** Either settlement ends a dead letter. */
async function handleDead(letter: Letter<Dead>, handler: CommandHandler): Promise<undefined> {
  await handler(deadOf(letter));
}

function messageOf({ id, body, deliveries }: Letter<QueueBody>): QueuedMessage {
  return { messageId: id, body, deliveries };
}

function deadOf({ id, body: { body, deliveries, reason } }: Letter<Dead>): QueuedMessage {
  return { messageId: id, body, deliveries, deadLetterReason: reason };
}
