import { countedLog } from '@headroom/runtime';
import type { CountedLog, EventLog } from '@headroom/runtime';

/** What happens in this service. The collector writes the lines; here they are counted. */
export interface PollerEvents {
  readonly log: CountedLog;
  settingsKnown(settings: number): void;
}

export function createEvents(base: EventLog): PollerEvents {
  const log = countedLog(base);
  return { log, settingsKnown: (settings) => log.info('settings.known', { settings }) };
}
