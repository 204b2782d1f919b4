import { after, capWindowMs, hourMs, minuteMs } from '@headroom/core';
import type { Instant, Millis, SpendCap } from '@headroom/core';
import type { TakenAmount } from '@headroom/ports';
import { clockSkewMs } from './named-limits.ts';

/** What is older is kept in coarser buckets: the document stays small, and amounts leave a window a little later. */
const coarser: readonly { readonly olderMs: Millis; readonly bucketMs: Millis }[] = [
  { olderMs: 25 * hourMs, bucketMs: hourMs },
  { olderMs: 2 * hourMs, bucketMs: 10 * minuteMs },
];

/** Of the minutes that may lie in the window that ends now: never too little. */
export function takenWithin(
  taken: readonly TakenAmount[],
  per: SpendCap['per'],
  now: Instant,
): number {
  let sum = 0;
  for (const { at, micros } of taken) if (leavesAt(at, per) > now) sum += micros;
  return sum;
}

/** When a minute's money has left the window. */
export function leavesAt(at: Instant, per: SpendCap['per']): Instant {
  return after(at, minuteMs + capWindowMs[per]);
}

/**
 * The same money with `micros` more of the minute of `stampAt`, without what has left the longest window, one entry a
 * minute. An entry far after `stampAt` was stamped by a clock that was ahead, and counts as of now.
 */
export function takenWith(
  taken: readonly TakenAmount[],
  micros: number,
  stampAt: Instant,
  longest: SpendCap['per'],
  steady: Instant,
): readonly TakenAmount[] {
  const latest = minuteOf(stampAt);
  const byMinute = new Map<Instant, number>();
  for (const one of [...taken, { at: latest, micros }]) {
    if (one.micros === 0 || leavesAt(one.at, longest) <= steady) continue;
    const at = bucketOf(one.at > latest + clockSkewMs ? latest : one.at, steady);
    byMinute.set(at, (byMinute.get(at) ?? 0) + one.micros);
  }
  return [...byMinute].map(([at, sum]) => ({ at, micros: sum })).sort((a, b) => a.at - b.at);
}

/** Its last minute stands for a bucket. */
function bucketOf(at: Instant, steady: Instant): Instant {
  const bucketMs = coarser.find(({ olderMs }) => at <= steady - olderMs)?.bucketMs ?? minuteMs;
  return (Math.floor(at / bucketMs) * bucketMs + bucketMs - minuteMs) as Instant;
}

function minuteOf(at: Instant): Instant {
  return (Math.floor(at / minuteMs) * minuteMs) as Instant;
}
