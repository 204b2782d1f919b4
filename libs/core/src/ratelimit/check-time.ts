import { after, latest, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { SeenOfLimit } from '../decision/limit-facts.ts';
import { paces } from '../setting/rate-limit-policy.ts';
import type { Pace } from '../setting/rate-limit-policy.ts';

/** An answer of ARM that took longer counts as none. */
export const projectionPatienceMs = 30 * secondMs;

/**
 * When the available capacity is to be looked at next. `azure`: at whole five minutes since the autoscale was switched on,
 * the first at or after the first blocked call. `fast`: with the first blocked call, then every 30 s.
 */
export function checkAt(seen: SeenOfLimit, pace: Pace): Instant {
  const { checkedAt, watchedSince, blockedSince } = seen;
  const { everyMs } = paces[pace];
  const last = checkedAt ?? watchedSince;
  if (pace === 'fast') {
    if (checkedAt === undefined) return blockedSince ?? after(watchedSince, everyMs);
    return latest(after(last, everyMs), blockedSince ?? last);
  }
  const from = latest(last, blockedSince ?? last) - watchedSince;
  const whole = Math.ceil(from / everyMs) * everyMs;
  const next = after(watchedSince, whole);
  return next > last ? next : after(next, everyMs);
}
