import { DependencyUnavailable } from '@headroom/ports';
import { setTimeout } from 'node:timers/promises';

const attemptsMax = 6;
const firstDelayMs = 100;
const delayMaxMs = 2000;

/**
 * Does `work` again while a dependency of it does not answer, about 5 s long: shorter than closing the partition and
 * reading again. Then its error goes out.
 */
export async function whileUnavailable(
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      const again = error instanceof DependencyUnavailable && attempt < attemptsMax;
      if (!again || signal.aborted) throw error;
      await setTimeout(delayOf(attempt, error.retryAfterMs), undefined, { signal });
    }
  }
}

function delayOf(attempt: number, retryAfterMs: number | undefined): number {
  return Math.min(retryAfterMs ?? firstDelayMs * 2 ** attempt, delayMaxMs);
}
