import type { Decision, TopicMessage } from '@headroom/core';
import { countedLog } from '@headroom/runtime';
import type { CountedLog, EventLog } from '@headroom/runtime';

/** What happens in this service: a log line each, or a count where it happens too often. */
export interface IngestEvents {
  readonly log: CountedLog;
  settingsKnown(settings: number): void;
  published(messages: readonly TopicMessage[]): void;
}

export function createEvents(base: EventLog): IngestEvents {
  const log = countedLog(base);
  return {
    log,
    settingsKnown: (settings) => log.info('settings.known', { settings }),
    published: (messages) => {
      for (const message of messages) publishedOne(log, message);
    },
  };
}

function publishedOne(log: CountedLog, message: TopicMessage): void {
  log.count(`published.${message.kind}`);
  const decision = 'decision' in message ? message.decision : undefined;
  if (decision === undefined) return;
  // What a shadow would do is told by `headroom compare`: a line here would read as if it had been done.
  if (decision.shadow !== undefined) {
    log.count(`shadows.${decision.outcome}`);
    return;
  }
  log.count(`decided.${decision.outcome}`);
  if (decision.record === 'action') log.info('decision', fieldsOf(decision));
  tellBreach(log, decision);
}

/** Raises are taken back, or there are none: a cap in money is used up. Its lines are counted, and so is the breach. */
function tellBreach(log: CountedLog, { id, target, reason, record, limit }: Decision): void {
  const breach = limit?.spend.breach;
  if (reason !== 'SpendGuard' || breach === undefined || record === 'all') return;
  log.warn('spend.breached', { decision: id, target, breach });
}

function fieldsOf({ id, target, mode, outcome, reason, capacity }: Decision) {
  const { before, after } = capacity;
  return { decision: id, target, mode, outcome, reason, before, after };
}
