import type { Command, Instant } from '@headroom/core';

/** The queue `scale-commands`. */
export interface CommandQueue {
  /** Calls the handler for each message, several at a time; resolves when `signal` aborts and all are settled. */
  run(handler: CommandHandler, signal: AbortSignal): Promise<void>;
  /** The same for the queue's dead letters. A settled one is gone. */
  runDeadLetters(handler: CommandHandler, signal: AbortSignal): Promise<void>;
  /** Delivers the step at `at`, once within the queue's window for one (command, step, attempt). */
  schedule(step: FollowUp, at: Instant): Promise<void>;
}

export type CommandHandler = (message: QueuedMessage) => Promise<Settlement>;

export interface QueuedMessage {
  readonly messageId: string;
  readonly body: QueueBody;
  /** Deliveries before this one. */
  readonly deliveries: number;
  /** Why it was dead-lettered; on dead letters only. */
  readonly deadLetterReason?: string;
}

export type QueueBody =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'followUp'; readonly followUp: FollowUp }
  /** `problem` names the field. `commandId` and `target` where they could be made out. */
  | {
      readonly kind: 'unreadable';
      readonly problem: string;
      readonly commandId?: string;
      readonly target?: string;
    };

/** Look at a running operation again. Its state is in the ledger; the message says only where. */
export interface FollowUp {
  readonly exclusionKey: string;
  readonly commandId: string;
  /** Counts the looks, so that each has a message id of its own. */
  readonly attempt: number;
}

/** A handler that throws releases the message: it comes again, and its delivery count grows. */
export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'deadLetter'; readonly reason: string; readonly description: string };
