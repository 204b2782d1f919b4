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
  log.count(`decided.${decision.outcome}`);
  if (decision.record === 'action') log.info('decision', fieldsOf(decision));
}

function fieldsOf({ id, target, mode, outcome, reason, capacity }: Decision) {
  const { before, after } = capacity;
  return { decision: id, target, mode, outcome, reason, before, after };
}
