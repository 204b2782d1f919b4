import type { Journal } from '../journal/journal.ts';
import type { Timers } from '../journal/timers.ts';

/** What every entity of the bus shares. */
export interface BusServices {
  readonly journal: Journal;
  readonly timers: Timers;
  readonly clock: () => number;
  readonly maxEntityBytes: number;
}
