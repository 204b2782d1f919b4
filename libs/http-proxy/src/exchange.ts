import type { Usage } from './answer-watch.ts';

/** How a forwarded call went. */
export interface Exchange {
  readonly end: ExchangeEnd;
  /** What the backend answered; absent: it did not, or not before the call ended. */
  readonly answered?: Answered;
  /** Why it did not end well, where an error says it; for the log, and without any header or body in it. */
  readonly cause?: Error;
  /** From the beginning of the call to its end. */
  readonly durationMs: number;
}

export interface Answered {
  readonly status: number;
  /** As the backend gave it: seconds, or a date. */
  readonly retryAfter?: string;
  /** Of the answer's body, bytes. */
  readonly bytes: number;
  /** Tokens as the answer says; absent where it was not to be read or says nothing. */
  readonly usage?: Usage;
  /** Server-sent events that passed, where the answer was read. */
  readonly events: number;
  /** The text of an error, at most its last 16 KiB. */
  readonly errorText?: string;
}

/**
 * - `complete`: the client has the whole answer.
 * - `clientGone`: it went away, took nothing for too long, or was answered without the backend; the backend's call was ended.
 * - `bodyRefused`: the request's body was too long, too slow or broke off, and the client was told so.
 * - `unreachable`: no connection, or no credential for it.
 * - `headersLate`: no answer began in time.
 * - `broken`: the answer broke off, or fell silent for too long.
 */
export type ExchangeEnd =
  'complete' | 'clientGone' | 'bodyRefused' | 'unreachable' | 'headersLate' | 'broken';
