import type { Millis } from '@headroom/core';
import type { Clock } from '@headroom/ports';
import { azureName, gatewayName, pollerName } from './stack.ts';

/** A process to be killed, at the earliest at a time since the start. */
export interface Kill {
  readonly name: string;
  readonly notBeforeMs: Millis;
  /** From `notBeforeMs` on it waits until then for an operation to be running: a kill hurts most there. */
  readonly whileScalingUntilMs?: Millis;
}

/** The span that the kills of `once` spread over when the run has no end of its own. */
export const usualSpanMs: Millis = 300_000;

/** Each process once in turn, in the course of a run of `spanMs`. */
export function killsOnce(spanMs: Millis): readonly Kill[] {
  return [
    // The windows are about to be complete: the first decision is at hand.
    { name: 'ingest', notBeforeMs: 0.18 * spanMs },
    { name: 'scaler', notBeforeMs: 0.2 * spanMs, whileScalingUntilMs: 0.42 * spanMs },
    { name: 'audit', notBeforeMs: 0.46 * spanMs },
    { name: pollerName, notBeforeMs: 0.48 * spanMs },
    { name: gatewayName, notBeforeMs: 0.5 * spanMs },
    { name: azureName, notBeforeMs: 0.52 * spanMs, whileScalingUntilMs: 0.68 * spanMs },
  ];
}

/** Pause between two random kills. */
const pauseMs = { least: 15_000, most: 45_000 } as const;

/** Any of the processes, again and again; one seed gives one sequence. */
export function* killsRandom(names: readonly string[], seed: number): Generator<Kill> {
  const random = seededRandom(seed);
  for (let atMs = pauseMs.most; ; atMs += between(pauseMs.least, pauseMs.most, random())) {
    const name = names[Math.floor(random() * names.length)];
    if (name !== undefined) yield { name, notBeforeMs: atMs };
  }
}

export interface KillingParts {
  readonly elapsedMs: () => Millis;
  readonly scaling: () => boolean;
  /** Says whether there was a process to kill. */
  readonly kill: (name: string) => boolean;
  readonly clock: Pick<Clock, 'wait'>;
}

const lookEveryMs: Millis = 100;

/** Carries the kills out, each when its time has come. Resolves after the last, or when `signal` aborts. */
export async function carryOut(
  kills: Iterable<Kill>,
  parts: KillingParts,
  signal: AbortSignal,
): Promise<void> {
  const look = () => parts.clock.wait(lookEveryMs, signal);
  for (const kill of kills) {
    while (!signal.aborted && !isTime(kill, parts)) await look();
    // A process that is just being started again is killed as soon as it is there.
    while (!signal.aborted && !parts.kill(kill.name)) await look();
    if (signal.aborted) return;
  }
}

function isTime(kill: Kill, { elapsedMs, scaling }: KillingParts): boolean {
  const elapsed = elapsedMs();
  if (elapsed < kill.notBeforeMs) return false;
  return scaling() || elapsed >= (kill.whileScalingUntilMs ?? 0);
}

function between(least: number, most: number, share: number): number {
  return least + (most - least) * share;
}

/** Mulberry32: small, and the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
