import type { Millis } from '@headroom/core';

/** How a run ends. */
export interface Ending extends Disposable {
  /** Aborts at the first Ctrl-C, SIGTERM or SIGHUP, or when the time is over. */
  readonly signal: AbortSignal;
  /** Aborts at the second wish: what is still being waited for is given up, what still runs is killed. */
  readonly hurry: AbortSignal;
  /** Whether somebody asked for the end, before the time was over. */
  asked(): boolean;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C comes twice under npm: from the terminal, and passed on by npm, which had it from the terminal too. */
const sameWishMs: Millis = 500;

/** From now on the process does not end by a signal itself: the children must be ended in order. */
export function watchEnding(
  forMs: Millis | undefined,
  monotonicMs: () => Millis = () => performance.now(),
): Ending {
  const ending = new AbortController();
  const hurry = new AbortController();
  let askedAtMs: Millis | undefined;
  const onSignal = () => {
    if (!ending.signal.aborted) askedAtMs = monotonicMs();
    else if (monotonicMs() - (askedAtMs ?? -Infinity) >= sameWishMs) hurry.abort();
    ending.abort();
  };
  for (const name of signals) process.on(name, onSignal);
  const timer = forMs === undefined ? undefined : setTimeout(() => ending.abort(), forMs);
  return {
    signal: ending.signal,
    hurry: hurry.signal,
    asked: () => askedAtMs !== undefined,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
