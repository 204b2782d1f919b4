import type { OutgoingHttpHeaders } from 'node:http';
import type { BlockedBy } from '@headroom/core';
import { statusOf } from '@headroom/limiter';
import type { Admission, Quota, Standing } from '@headroom/limiter';
import type { Refusal } from './refusal.ts';

/** How the limits stand, under the names that clients of Azure's models know. Resets are in whole seconds. */
export function rateHeaders({ requests, tokens }: Standing): OutgoingHttpHeaders {
  return {
    ...quotaHeaders('requests', requests),
    ...(tokens === undefined ? {} : quotaHeaders('tokens', tokens)),
  };
}

function quotaHeaders(of: string, { limit, remaining, resetMs }: Quota): OutgoingHttpHeaders {
  return {
    [`x-ratelimit-limit-${of}`]: String(limit),
    [`x-ratelimit-remaining-${of}`]: String(remaining),
    [`x-ratelimit-reset-${of}`]: String(Math.ceil(resetMs / 1_000)),
  };
}

/** The answer to a call that is over a limit. */
export function blockedRefusal(blocked: Extract<Admission, { kind: 'blocked' }>): Refusal {
  const { by, standing, retryAfterMs } = blocked;
  const status = statusOf(by);
  const headers = rateHeaders(standing);
  if (retryAfterMs === undefined) return { status, message: reasons[by], headers };
  const ms = Math.max(1, Math.ceil(retryAfterMs));
  const seconds = Math.ceil(ms / 1_000);
  const after = `Please retry after ${seconds} second${seconds === 1 ? '' : 's'}.`;
  return {
    ...{ status, message: `${reasons[by]} ${after}` },
    headers: { ...headers, 'retry-after': String(seconds), 'retry-after-ms': String(ms) },
  };
}

const reasons: Readonly<Record<BlockedBy, string>> = {
  Rate: 'Requests have exceeded the call rate limit of this resource.',
  Tokens: 'Requests have exceeded the token rate limit of this deployment.',
  Caller: 'This caller has exceeded its share of the call rate limit while others wait.',
  Polling: 'Requests for results have exceeded their call rate limit.',
  Quota: 'The quota of this resource is used up.',
  Backend: 'The service is at its peak.',
  Spend: 'The spending cap of this resource is reached.',
  Away: 'The limits of this resource cannot be checked at the moment.',
  TooLarge:
    'This call asks for more tokens, or money, than all calls to this resource may use together, and will never pass. ' +
    'Please ask for less: a shorter prompt, or a lower max_tokens.',
};
