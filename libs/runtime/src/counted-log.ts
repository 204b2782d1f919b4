import type { EventLog } from './log.ts';

/** Distinct event names that are counted; more are written but not counted. */
const namesMax = 200;

/** A log that counts its events by name, for the health page. */
export interface CountedLog extends EventLog {
  /** Counts what happens too often for a line of its own. */
  count(event: string): void;
  counters(): Readonly<Record<string, number>>;
}

export function countedLog(log: EventLog): CountedLog {
  const counts = new Map<string, number>();
  const count = (event: string) => {
    const seen = counts.get(event);
    if (seen !== undefined || counts.size < namesMax) counts.set(event, (seen ?? 0) + 1);
  };
  const counted =
    (write: EventLog['info']): EventLog['info'] =>
    (event, fields) => {
      count(event);
      write(event, fields);
    };
  return {
    info: counted((event, fields) => log.info(event, fields)),
    warn: counted((event, fields) => log.warn(event, fields)),
    error: counted((event, fields) => log.error(event, fields)),
    count,
    counters: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
