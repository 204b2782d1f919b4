import type { Answer } from './errors.ts';

/** Each call to ARM: connection, request and answer. A claim counts on it. */
export const requestLimitMs = 20_000;

/** Shaped as the SDK's `onResponse` gives it. */
interface RawAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null;
}

/** Listens to a call of the SDK, which tells neither `Retry-After` nor the error of an operation that failed. */
export interface Listener {
  readonly options: {
    readonly abortSignal: AbortSignal;
    readonly onResponse: (raw: RawAnswer) => void;
  };
  readonly last: () => Answer | undefined;
}

/** @param abortSignal that of a call which this one goes on with, so that both together keep the limit */
export function listen(abortSignal = AbortSignal.timeout(requestLimitMs)): Listener {
  let last: Answer | undefined;
  const onResponse = (raw: RawAnswer): void => {
    const retryAfterMs = retryAfterOf(raw.headers);
    last = { status: raw.status, retryAfterMs, body: jsonOf(raw.bodyAsText) };
  };
  return { options: { abortSignal, onResponse }, last: () => last };
}

/** ARM gives whole seconds; a date, which HTTP allows too, is left to the reader's own pause. */
function retryAfterOf(headers: RawAnswer['headers']): number | undefined {
  const text = headers.get('retry-after');
  const seconds = text === undefined || text === '' ? NaN : Number(text);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function jsonOf(text: string | null | undefined): unknown {
  if (text === undefined || text === null || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
