import { defer, forkJoin, lastValueFrom, retry, throwError, timer } from 'rxjs';
import { DependencyUnavailable } from '@headroom/ports';
import type { Log } from '@headroom/ports';
import type { FramesByPartition } from './frames.ts';
import type { RouterPorts } from './router-ports.ts';

/** Tries before the source partition is given back and read again from its checkpoint. */
const triesMax = 8;
const firstWaitMs = 100;
const mostWaitMs = 5_000;

/** Appends to all partitions at once; each partition's frames stay in order. Resolved: all are in the log. */
export async function appendFrames(
  { signals, log }: Pick<RouterPorts, 'signals' | 'log'>,
  frames: FramesByPartition,
  signal: AbortSignal,
): Promise<void> {
  if (frames.size === 0) return;
  const appends = [...frames].map(([partition, list]) =>
    defer(() => withPatience('signals', () => signals.append(partition, list), log, signal)),
  );
  await lastValueFrom(forkJoin(appends), { defaultValue: [] });
}

/**
 * Tries again while a dependency is away. The error that ends it is a plain one: a "retryable" error that escapes makes the
 * SDK's pump skip the batch.
 */
export async function withPatience(
  what: string,
  attempt: () => Promise<void>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const patient$ = defer(attempt).pipe(
    retry({
      count: triesMax - 1,
      delay: (error: unknown, tried) => {
        if (!(error instanceof DependencyUnavailable) || signal.aborted) {
          return throwError(() => error);
        }
        log.warn(`${what}.unavailable`, { tried, error });
        return timer(Math.min(firstWaitMs * 2 ** (tried - 1), mostWaitMs));
      },
    }),
  );
  try {
    await lastValueFrom(patient$, { defaultValue: undefined });
  } catch (error) {
    throw new Error(`${what} did not take the batch`, { cause: error });
  }
}
