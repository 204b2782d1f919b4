import { setTimeout } from 'node:timers/promises';

const deadlineMs = 10_000;
const stepMs = 20;

/** Waits for a condition that another party makes true, within a limit. */
export async function within(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs: number = deadlineMs,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await setTimeout(stepMs);
  }
}
