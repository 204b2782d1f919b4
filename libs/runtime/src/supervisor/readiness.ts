import { waitMs } from '../clock.ts';
import { healthListening } from '../health.ts';
import type { Readiness } from './child-spec.ts';

const pollEveryMs = 50;
const requestLimitMs = 2_000;

/** Sees the child's lines and tells when it can be used. */
export interface ReadinessWatch {
  line(line: string): void;
  /** Resolves when it is ready; rejects when `ended` aborts before. */
  readonly ready: Promise<void>;
}

export function watchReadiness(readiness: Readiness, ended: AbortSignal): ReadinessWatch {
  switch (readiness.kind) {
    case 'line':
      return watchLine(readiness.matches, ended);
    case 'url':
      return { line: () => undefined, ready: pollUntilOk(readiness.url, ended) };
    case 'health':
      return watchHealth(ended);
  }
}

function watchLine(matches: (line: string) => boolean, ended: AbortSignal): ReadinessWatch {
  const found = firstOf<true>((line) => (matches(line) ? true : undefined), ended);
  return { line: found.line, ready: found.value.then(() => undefined) };
}

function watchHealth(ended: AbortSignal): ReadinessWatch {
  const address = firstOf(healthAddress, ended);
  return {
    line: address.line,
    ready: address.value.then((url) => pollUntilOk(`${url}/health/ready`, ended)),
  };
}

/** The address in the log line that the health page is announced by. */
function healthAddress(line: string): string | undefined {
  if (!line.includes(healthListening)) return undefined;
  try {
    const entry = JSON.parse(line) as { event?: unknown; url?: unknown };
    return entry.event === healthListening && typeof entry.url === 'string' ? entry.url : undefined;
  } catch {
    // A line that only mentions the word.
    return undefined;
  }
}

/** The first line of which `read` makes something. */
function firstOf<T>(read: (line: string) => T | undefined, ended: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = () => reject(new Error('ended before it was ready'));
  if (ended.aborted) giveUp();
  ended.addEventListener('abort', giveUp, { once: true });
  let found = false;
  const line = (text: string) => {
    const value = found ? undefined : read(text);
    if (value === undefined) return;
    found = true;
    resolve(value);
  };
  return { line, value: promise };
}

/** Bounded by `ended`: the end of the child, of the supervisor, or the limit for readiness. */
async function pollUntilOk(url: string, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    if (await answersOk(url, ended)) return;
    await waitMs(pollEveryMs, ended);
  }
  throw new Error('ended before it was ready');
}

async function answersOk(url: string, ended: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(requestLimitMs)]);
    const response = await fetch(url, { signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nobody listens yet: that is what is waited for.
    return false;
  }
}
