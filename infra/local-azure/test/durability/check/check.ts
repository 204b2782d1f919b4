import type { EventHistory } from './events.ts';
import { checkEvents, checkLive } from './events.ts';
import type { FeedHistory } from './feed.ts';
import { checkFeed } from './feed.ts';
import type { BusStep } from './messages.ts';
import { checkMessages } from './messages.ts';
import type { RegisterStep } from './register.ts';
import { checkRegister } from './register.ts';
import type { Violation } from './violation.ts';

/** Everything that real clients were told while the process was killed again and again. */
export interface History {
  readonly kills: number;
  readonly events: EventHistory;
  readonly bus: readonly BusStep[];
  /** Documents, batches, checkpoints and deployments, by name. */
  readonly registers: ReadonlyMap<string, readonly RegisterStep[]>;
  readonly feed: FeedHistory;
  /** What is judged where it happens: a file that is damaged, an operation that never ends. */
  readonly reported: readonly Violation[];
}

/** While the load goes on: only what more time cannot put right. */
export function checkSoFar(history: History): Violation[] {
  return [
    ...history.reported,
    ...checkLive(history.events.live, history.kills),
    ...checkMessages(history.bus, false),
    ...checkRegisters(history),
  ];
}

/** When the load has ended, and everything was read again. */
export function checkWhole(history: History): Violation[] {
  const { reported, events, bus, feed, kills } = history;
  return [
    ...reported,
    ...checkLive(events.live, kills),
    ...checkEvents(events, kills),
    ...checkMessages(bus, true),
    ...checkRegisters(history),
    ...checkFeed(feed, kills),
  ];
}

const checkRegisters = ({ registers }: History): Violation[] =>
  [...registers].flatMap(([name, steps]) => checkRegister(name, steps));
