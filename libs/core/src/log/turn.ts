import { minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';

/** A setting is evaluated at most so often. */
export const evaluationSpacingMs = secondMs;

/** And at least so often, each at a phase of its own. */
export const evaluationPeriodMs = minuteMs;

/** When to look again although nothing came: what is waited for, or the next period of the phase. */
export function nextTurn(phase: number, waitsFor: Instant | undefined, now: Instant): Instant {
  // The last phase within a period from now: whoever is evaluated often enough by its data never comes to it.
  const stepMs = evaluationPeriodMs / 2;
  const period = now - ((now - (phase % stepMs)) % stepMs) + evaluationPeriodMs;
  return Math.max(now + evaluationSpacingMs, Math.min(period, waitsFor ?? period)) as Instant;
}
