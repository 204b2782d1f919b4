import type { Outcome, Violation } from './violation.ts';

/**
 * A lane sends batch after batch to one partition id or key, without ever sending one again: its
 * events are numbered from 0.
 */
export interface SentBatch {
  readonly lane: string;
  readonly first: number;
  readonly count: number;
  readonly outcome: Outcome;
  readonly kill: number;
}

export interface LoggedEvent {
  readonly partition: string;
  readonly sequence: number;
  readonly offset: number;
  readonly enqueuedMs: number;
  readonly lane: string;
  readonly number: number;
}

export interface EventHistory {
  readonly sent: readonly SentBatch[];
  /** As a consumer saw them that went on through the kills. */
  readonly live: readonly LoggedEvent[];
  /** The whole of every partition, read at the end. */
  readonly log: readonly LoggedEvent[];
}

/** What can be judged while the load goes on: that the consumer sees each partition without gap. */
export function checkLive(live: readonly LoggedEvent[], kill: number): Violation[] {
  return [...partitions(live)].flatMap(([partition, events]) =>
    checkPartition(`partition ${partition}, as it was consumed`, events, kill),
  );
}

/** The whole: nothing acknowledged is missing, batches are whole, what was seen is still there. */
export function checkEvents(history: EventHistory, kill: number): Violation[] {
  const { sent, live, log } = history;
  const wrong = [...partitions(log)].flatMap(([partition, events]) =>
    checkPartition(`partition ${partition}`, events, kill),
  );
  return [...wrong, ...checkBatches(sent, log), ...checkSeen(live, log, kill)];
}

function checkPartition(where: string, events: readonly LoggedEvent[], kill: number): Violation[] {
  const violations: Violation[] = [];
  const numbers = new Map<string, number>();
  let last: LoggedEvent | undefined;
  for (const event of events) {
    const say = (what: string): void => void violations.push({ what, where, kill });
    const expected = last === undefined ? 0 : last.sequence + 1;
    if (event.sequence !== expected) {
      say(`sequence number ${event.sequence} where ${expected} was to come`);
    }
    if (last !== undefined && event.offset <= last.offset) {
      say(`offset ${event.offset} after ${last.offset}`);
    }
    if (last !== undefined && event.enqueuedMs < last.enqueuedMs) {
      say(`the time of sequence number ${event.sequence} lies before that of the one before it`);
    }
    const before = numbers.get(event.lane) ?? -1;
    if (event.number <= before) {
      say(`event ${event.number} of lane ${event.lane} after its event ${before}`);
    }
    numbers.set(event.lane, event.number);
    last = event;
  }
  return violations;
}

/** A batch lies in one partition, in one piece, or (when its answer never came) nowhere. */
function checkBatches(sent: readonly SentBatch[], log: readonly LoggedEvent[]): Violation[] {
  const places = new Map<string, LoggedEvent>();
  const homes = new Map<string, string>();
  for (const event of log) places.set(`${event.lane} ${event.number}`, event);
  const violations: Violation[] = [];
  for (const batch of sent) {
    const { lane, first, count, outcome, kill } = batch;
    const where = `batch of ${count} from event ${first} of lane ${lane}`;
    const found = Array.from({ length: count }, (_, at) => places.get(`${lane} ${first + at}`));
    const present = found.filter((each) => each !== undefined);
    if (present.length === 0 && outcome === 'unknown') continue;
    const [head] = present;
    if (head === undefined || present.length < count) {
      const what = outcome === 'acknowledged' ? 'acknowledged, but' : 'of unknown outcome, but';
      violations.push({ what: `${what} ${present.length} events are there`, where, kill });
      continue;
    }
    const inOnePiece = present.every((each, at) => {
      return each.partition === head.partition && each.sequence === head.sequence + at;
    });
    if (!inOnePiece) violations.push({ what: 'its events lie apart', where, kill });
    const home = homes.get(lane) ?? head.partition;
    homes.set(lane, home);
    if (head.partition !== home) {
      const what = `went to partition ${head.partition}, those before it to ${home}`;
      violations.push({ what, where, kill });
    }
  }
  return violations;
}

/** What a consumer was given at a position is at that position for good. */
function checkSeen(
  live: readonly LoggedEvent[],
  log: readonly LoggedEvent[],
  kill: number,
): Violation[] {
  const at = (event: LoggedEvent): string => `${event.partition} ${event.sequence}`;
  const kept = new Map(log.map((event) => [at(event), `${event.lane} ${event.number}`]));
  return live
    .filter((event) => kept.get(at(event)) !== `${event.lane} ${event.number}`)
    .map((event) => ({
      what: `a consumer saw event ${event.number} of lane ${event.lane}, now it is ${kept.get(at(event)) ?? 'gone'}`,
      where: `partition ${event.partition}, sequence number ${event.sequence}`,
      kill,
    }));
}

function partitions(events: readonly LoggedEvent[]): Map<string, LoggedEvent[]> {
  return Map.groupBy(events, (event) => event.partition);
}
