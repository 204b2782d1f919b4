import type { TopicMessage } from '@headroom/core';
import { countedLog } from '@headroom/runtime';
import type { CountedLog, EventLog } from '@headroom/runtime';

/** What happens in this service. The applier writes the lines; here they are counted by kind. */
export interface ScalerEvents {
  readonly log: CountedLog;
  published(messages: readonly TopicMessage[]): void;
}

export function createEvents(base: EventLog): ScalerEvents {
  const log = countedLog(base);
  return {
    log,
    published: (messages) => {
      for (const message of messages) {
        if (message.kind === 'outcome') log.count(`outcome.${message.outcome.kind}`);
      }
    },
  };
}
