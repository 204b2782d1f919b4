import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { answerHeaders } from './answer-headers.ts';
import type { Addresses } from './answer-headers.ts';
import { AnswerWatch } from './answer-watch.ts';
import { BodyRefused } from './call-body.ts';
import type { Answered, Exchange } from './exchange.ts';

/** Ends the backend's call because nobody waits for it any more. */
class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

export interface RelayOptions {
  readonly addresses: Addresses;
  readonly readsUsage: boolean;
  /** How long a client may take nothing of an answer that is there. */
  readonly stallMs: number;
  /** Put over those of the same names in the answer; names in lower case. */
  readonly answerHeaders: OutgoingHttpHeaders;
}

/** How a relay ended, and why when it failed. */
export type RelayEnd = Omit<Exchange, 'durationMs'>;

/**
 * Carries one answer from the backend to the client, chunk by chunk. What the client does not take is not read from the
 * backend; a client that goes ends the backend's call.
 *
 *   waiting ─► answering ─► ended
 *      └───────────────────► ended
 */
export class Relay implements Dispatcher.DispatchHandler {
  readonly ended: Promise<RelayEnd>;
  readonly #answer: ServerResponse;
  readonly #options: RelayOptions;
  #settle!: (end: RelayEnd) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | undefined;
  #retryAfter: string | undefined;
  #watch: AnswerWatch | undefined;
  #bytes = 0;
  #wrote = false;
  #isWhole = false;
  #gone = false;
  #stalled: NodeJS.Timeout | undefined;

  constructor(answer: ServerResponse, options: RelayOptions) {
    this.#answer = answer;
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    answer.once('close', this.#closed);
    // A write to a client that has just gone: its `close` follows and says all there is to say.
    answer.on('error', () => undefined);
  }

  get began(): boolean {
    return this.#status !== undefined;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#gone) controller.abort(new ClientGone());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Interim answers are the backend's talk with us.
    if (status < 200) return;
    const failed = status >= 400;
    if (failed || this.#options.readsUsage) this.#watch = new AnswerWatch(headers['content-type']);
    const kept = answerHeaders(headers, this.#options.addresses);
    this.#answer.writeHead(status, Object.assign(kept, this.#options.answerHeaders));
    this.#status = status;
    this.#retryAfter = headers['retry-after'];
    // Head and body that came together leave together; a head that came alone does not wait.
    queueMicrotask(() => {
      if (!this.#wrote && !this.#gone) this.#answer.flushHeaders();
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#wrote = true;
    this.#bytes += chunk.length;
    this.#watch?.add(chunk);
    if (this.#answer.write(chunk)) return;
    controller.pause();
    this.#stalled ??= setTimeout(() => this.#answer.destroy(), this.#options.stallMs);
    this.#answer.once('drain', () => {
      clearTimeout(this.#stalled);
      this.#stalled = undefined;
      controller.resume();
    });
  }

  onResponseEnd(): void {
    this.#wrote = true;
    this.#isWhole = true;
    // `close` comes when the client has all of it, or has gone before that.
    this.#answer.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.fail(error);
  }

  /** The call ends without an answer, or in the middle of one. */
  fail(cause: Error): void {
    if (this.#gone) return;
    this.#finish({ ...this.#endOf(cause), cause });
    // A client must not take a part for the whole.
    if (this.began) this.#answer.destroy();
  }

  /** Whoever ended the answer before the backend did wants none of it, as a client that left. */
  readonly #closed = (): void => {
    if (this.#isWhole && this.#answer.writableFinished) {
      this.#finish({ end: 'complete', ...this.#answered() });
      return;
    }
    this.#finish({ end: 'clientGone', ...this.#answered() });
    this.#controller?.abort(new ClientGone());
  };

  #finish(end: RelayEnd): void {
    this.#gone = true;
    clearTimeout(this.#stalled);
    this.#answer.off('close', this.#closed);
    this.#settle(end);
  }

  #endOf(cause: Error): RelayEnd {
    const answered = this.#answered();
    if (cause instanceof BodyRefused) return { end: 'bodyRefused', ...answered };
    const { code } = cause as { code?: unknown };
    if (code === 'UND_ERR_HEADERS_TIMEOUT') return { end: 'headersLate', ...answered };
    if (this.#controller === undefined) return { end: 'unreachable', ...answered };
    return { end: 'broken', ...answered };
  }

  #answered(): { readonly answered?: Answered } {
    if (this.#status === undefined) return {};
    const usage = this.#options.readsUsage ? this.#watch?.usage() : undefined;
    const answered: Answered = {
      status: this.#status,
      bytes: this.#bytes,
      events: this.#watch?.events ?? 0,
      ...(this.#retryAfter === undefined ? {} : { retryAfter: this.#retryAfter }),
      ...(usage === undefined ? {} : { usage }),
      ...(this.#status < 400 ? {} : { errorText: this.#watch?.text() ?? '' }),
    };
    return { answered };
  }
}
