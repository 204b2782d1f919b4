import type { Instant, Millis } from '../lang/instant.ts';
import type { IngestPath } from '../metric/sample.ts';

/**
 * What a rule's window says. Missing is never zero: the type makes one handle it.
 * `complete`: each grain holds a sample, were it a finer one that covers little of its grain.
 * `partial`: some grains are absent; it may scale out and blocks scale-in. `warming`: the window begins before its
 * series were first asked for. `lastGood`: too old, and the policy lets it go on for a while; it counts as partial.
 */
export type Reading = ValueReading | AbsentReading;

export interface ValueReading {
  readonly kind: 'value';
  readonly completeness: 'complete' | 'partial' | 'lastGood';
  /** In the metric's unit, before `dividePerInstance`. */
  readonly value: number;
  readonly window: Window;
  /** Samples that the value was made of. */
  readonly samples: number;
}

export interface AbsentReading {
  readonly kind: 'missing' | 'warming';
  readonly window: Window;
}

/** The `timeWindow` that ends at the frontier: (frontier − length, frontier]. */
export interface Window {
  readonly lengthMs: Millis;
  /** End of the newest sample of any of the rule's series, never after now; absent while there is none. */
  readonly frontier?: Instant;
  /** now − frontier. */
  readonly dataAgeMs?: Millis;
  readonly path?: IngestPath;
  /** Log time at which what this reading says can change without new data: warm, too old. */
  readonly changesAt?: Instant;
}
