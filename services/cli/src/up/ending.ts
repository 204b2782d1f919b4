import type { Millis } from '@headroom/core';

/** How a run ends. */
export interface Ending extends Disposable {
  /** Aborts at the first Ctrl-C, SIGTERM or SIGHUP, or when the time is over. */
  readonly signal: AbortSignal;
  /** Aborts at the second signal: what is still being waited for is given up. */
  readonly hurry: AbortSignal;
  /** Whether somebody asked for the end, before the time was over. */
  asked(): boolean;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** From now on the process does not end by a signal itself: the children must be ended in order. */
export function watchEnding(forMs: Millis | undefined): Ending {
  const ending = new AbortController();
  const hurry = new AbortController();
  let asked = false;
  const onSignal = () => {
    if (ending.signal.aborted) hurry.abort();
    asked ||= !ending.signal.aborted;
    ending.abort();
  };
  for (const name of signals) process.on(name, onSignal);
  const timer = forMs === undefined ? undefined : setTimeout(() => ending.abort(), forMs);
  return {
    signal: ending.signal,
    hurry: hurry.signal,
    asked: () => asked,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
