import { randomUUID } from 'node:crypto';
import type { Answer } from '../http.ts';

/** A refusal of the token endpoint. The codes are Entra's; the words are ours. */
export class EntraError extends Error {
  readonly status: number;
  /** OAuth's code. */
  readonly code: string;
  /** The number behind AADSTS. */
  readonly number: number;
  readonly retryAfterS: number | undefined;

  constructor(status: number, code: string, number: number, message: string, retryAfterS?: number) {
    super(message);
    this.name = 'EntraError';
    this.status = status;
    this.code = code;
    this.number = number;
    this.retryAfterS = retryAfterS;
  }
}

export function entraErrorAnswer(error: EntraError, now: number): Answer {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const [trace, correlation] = [randomUUID(), randomUUID()];
  const ids = `Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
  const body = {
    error: error.code,
    error_description: `AADSTS${error.number}: ${error.message} ${ids}`,
    error_codes: [error.number],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
  };
  const { retryAfterS } = error;
  const headers = {
    'cache-control': 'no-store',
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
  };
  return { status: error.status, headers, body: JSON.stringify(body) };
}

export const invalidRequest = (message: string): EntraError =>
  new EntraError(400, 'invalid_request', 900144, message);

export const tooManyAttempts = (retryAfterS: number): EntraError =>
  new EntraError(
    429,
    'temporarily_unavailable',
    90055,
    `There were too many requests for tokens, or too many with a wrong secret: wait ${retryAfterS} s.`,
    retryAfterS,
  );
