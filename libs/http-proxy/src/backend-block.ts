import type { BlockedBy } from '@headroom/core';
import type { Answered } from './exchange.ts';

/** Waiting this long helps nobody's next call: the quota of a day or a month is used up. */
const quotaWaitS = 3_600;
/** What Azure's services and their gateways say then. Of a rate they say "quota" too, as the place to ask for more. */
const quotaText = /insufficient_quota|out of call volume quota|exceeded your (?:current )?quota/i;

/** Why the backend itself refused a call; `undefined`: it did not. `nowMs`: epoch milliseconds. */
export function backendBlock(
  method: string,
  answered: Answered | undefined,
  nowMs: number,
): BlockedBy | undefined {
  switch (answered?.status) {
    case 429:
      if (retryAfterS(answered.retryAfter, nowMs) >= quotaWaitS) return 'Quota';
      if (quotaText.test(answered.errorText ?? '')) return 'Quota';
      // Services limit questions for a result apart from the calls that make one.
      return method === 'GET' || method === 'HEAD' ? 'Polling' : 'Backend';
    case 503:
      return 'Backend';
    default:
      return undefined;
  }
}

/** Seconds, or a date; 0 where it says neither. */
function retryAfterS(text: string | undefined, nowMs: number): number {
  if (text === undefined) return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : (at - nowMs) / 1_000;
}
