import { secondMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';

/** Traffic of a backend since the window began. Plain data. */
export interface LearnedCapacity {
  /** Calls a second that the backend is thought to serve. */
  readonly tps: number;
  readonly windowStart: Instant;
  /** Calls that the backend answered well. */
  readonly served: number;
  /** Calls that it answered 429 for its own peak. */
  readonly refused: number;
  /** Sum over the calls of how long they took, and how many there were. */
  readonly latencyMs: number;
  readonly timed: number;
  /** The lowest mean latency of a window that was busy enough to say something. */
  readonly bestLatencyMs?: number;
}

const windowMs: Millis = 10 * secondMs;
/** A backend whose calls take so many times as long as at its best is full. */
const slowFactor = 3;
/** What is thought of it grows by so much in a window without trouble. */
const recoveryFactor = 1.05;
/** Fewer calls than that say nothing of latency. */
const timedMin = 20;
const tpsMin = 1;

export function newLearnedCapacity(tps: number, now: Instant): LearnedCapacity {
  return { tps, windowStart: windowOf(now), ...noTraffic };
}

export type Traffic = Pick<LearnedCapacity, 'served' | 'refused' | 'latencyMs' | 'timed'>;
export const noTraffic: Traffic = { served: 0, refused: 0, latencyMs: 0, timed: 0 };

export function withTraffic(learned: LearnedCapacity, more: Partial<Traffic>): LearnedCapacity {
  return {
    ...learned,
    served: learned.served + (more.served ?? 0),
    refused: learned.refused + (more.refused ?? 0),
    latencyMs: learned.latencyMs + (more.latencyMs ?? 0),
    timed: learned.timed + (more.timed ?? 0),
  };
}

/**
 * Closes the window when log time has left it. A backend that refused calls, or became slow, serves what it served in that
 * window; without trouble a little more is tried, up to `mostTps`.
 */
export function advanced(learned: LearnedCapacity, now: Instant, mostTps: number): LearnedCapacity {
  const windowStart = windowOf(now);
  if (windowStart <= learned.windowStart) return learned;
  const { tps, refused, served } = learned;
  const servedTps = (served * secondMs) / windowMs;
  const quietWindows = (windowStart - learned.windowStart) / windowMs - 1;
  const isInTrouble = refused > 0 || isSlow(learned);
  const next = isInTrouble ? Math.max(tpsMin, Math.min(tps, servedTps)) : tps * recoveryFactor;
  const recovered = next * recoveryFactor ** Math.min(quietWindows, 1000);
  const bestLatencyMs = bestOf(learned);
  return {
    tps: Math.min(mostTps, recovered),
    windowStart,
    ...noTraffic,
    ...(bestLatencyMs === undefined ? {} : { bestLatencyMs }),
  };
}

function isSlow({ latencyMs, timed, bestLatencyMs }: LearnedCapacity): boolean {
  if (timed < timedMin || bestLatencyMs === undefined) return false;
  return latencyMs / timed > bestLatencyMs * slowFactor;
}

function bestOf({ latencyMs, timed, bestLatencyMs }: LearnedCapacity): number | undefined {
  if (timed < timedMin) return bestLatencyMs;
  return Math.min(bestLatencyMs ?? Infinity, latencyMs / timed);
}

function windowOf(now: Instant): Instant {
  return (Math.floor(now / windowMs) * windowMs) as Instant;
}
