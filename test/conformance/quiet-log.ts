import type { Log } from '@headroom/ports';

/** For subjects whose log lines a suite does not look at. */
export const quietLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
