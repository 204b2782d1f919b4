import type { TargetId } from '@headroom/core';
import type { Exchange } from '@headroom/http-proxy';
import type { Renewed } from '@headroom/limiter';
import { countedLog } from '@headroom/runtime';
import type { CountedLog, EventLog } from '@headroom/runtime';
import type { CallEvents } from './door/calls.ts';
import type { ManagementEvents } from './management/management.ts';
import type { SignalEvents } from './signals/signals.ts';

/** What happens in this service: a log line each, or a count where it happens too often. No line has a key in it. */
export interface GatewayEvents extends CallEvents, ManagementEvents, SignalEvents {
  readonly log: CountedLog;
  listening(url: string, holder: string): void;
  managementListening(url: string): void;
  tokensUnchecked(error: unknown): void;
  renewed(renewed: Renewed): void;
}

/** Of one kind at most a line in this time: a backend that is down fails at every call. */
const lineEveryMs = 1_000;
/** A cap stays reached for long. */
const spendLineEveryMs = 60_000;

export function createEvents(base: EventLog): GatewayEvents {
  const log = countedLog(base);
  const line = seldom(log, lineEveryMs);
  const spendLine = seldom(log, spendLineEveryMs);
  return {
    log,
    listening: (url, holder) => log.info('gateway.listening', { url, holder }),
    managementListening: (url) => log.info('management.listening', { url }),
    // Every one: it is the record of who did it.
    switched: (change) => log.info('account.switched', { ...change }),
    managementRefused: ({ status, by, what }) => {
      log.count(`management.refused.${status}`);
      // Of strangers only how many came: they could fill the log.
      if (by !== undefined) line('management.refused', { status, by, what });
    },
    managementFailed: (error) => line('management.failed', { error }),
    refused: (status) => log.count(`refused.${status}`),
    blocked: (account, { by, key }) => {
      log.count(`blocked.${by}`);
      if (by === 'Spend') spendLine('spend.reached', { account, limit: key }, account);
    },
    backendFailed: (account: TargetId, { end, cause, answered }: Exchange) => {
      log.count(`backend.${end}`);
      line('backend.failed', { account, end, status: answered?.status, error: cause });
    },
    failed: (error) => {
      log.count('call.failed');
      line('call.failedHere', { error });
    },
    tokensUnchecked: (error) => line('token.unchecked', { error }),
    renewed: ({ failed }) => {
      for (const { pool, error } of failed) line('shares.failed', { pool, error });
    },
    publishFailed: (error, waiting) => line('signals.failed', { error, waiting }),
    dropped: (records) => log.warn('signals.dropped', { records }),
  };
}

type Line = (event: string, fields: Readonly<Record<string, unknown>>, of?: string) => void;

/** Writes the first of each event, or of each `of`, in a while; the others are counted elsewhere. */
function seldom(log: EventLog, everyMs: number): Line {
  const writtenAt = new Map<string, number>();
  return (event, fields, of = event) => {
    const now = performance.now();
    if (now - (writtenAt.get(of) ?? -Infinity) < everyMs) return;
    writtenAt.set(of, now);
    log.warn(event, fields);
  };
}
