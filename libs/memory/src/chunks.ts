import { assert } from '@headroom/core';

/** Batch sizes from 1 to `max` that look random and are the same for the same seed (mulberry32). */
export function seededChunks(seed: number, max: number): () => number {
  assert(max >= 1, `a batch holds at least one event, not ${max}`);
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return 1 + (((mixed ^ (mixed >>> 14)) >>> 0) % max);
  };
}
