import type { Millis } from '@headroom/core';

/**
 * What an error of an SDK means, by its HTTP status:
 *
 *   408, 429, 5xx        later: Azure asks to come again (529: the metrics' backend throttles)
 *   no answer, no token  silent
 *   any other 4xx        refused: asked again, it says the same
 */
export type Failure =
  | { readonly kind: 'later'; readonly text: string; readonly retryAfterMs: Millis | undefined }
  | { readonly kind: 'silent'; readonly text: string }
  | { readonly kind: 'refused'; readonly text: string; readonly status: number };

export function failureOf(error: unknown): Failure {
  const { statusCode, code, message } = partsOf(error);
  if (statusCode === undefined) return { kind: 'silent', text: message };
  const text = code === undefined || message.includes(code) ? message : `${code}: ${message}`;
  const isLater = statusCode === 408 || statusCode === 429 || statusCode >= 500;
  if (!isLater) return { kind: 'refused', text, status: statusCode };
  return {
    kind: 'later',
    text: `HTTP ${statusCode}, ${text}`,
    retryAfterMs: retryAfterOf(error),
  };
}

function partsOf(error: unknown) {
  const { statusCode, code, message } = error as Partial<Record<string, unknown>>;
  return {
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    code: typeof code === 'string' ? code : undefined,
    message: typeof message === 'string' ? message : String(error),
  };
}

interface WithHeaders {
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/** Seconds, or a date. */
function retryAfterOf(error: unknown): Millis | undefined {
  const text = (error as WithHeaders).response?.headers?.get('retry-after');
  if (text === undefined) return undefined;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
