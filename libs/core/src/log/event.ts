import type { Instant } from '../lang/instant.ts';
import type { IngestPath, PositionedSample, SourcePosition } from '../metric/sample.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { CapacityObservation, Outcome, Started } from '../outcome/outcome.ts';

/** What the log holds. A tick carries nothing but its enqueued time. */
export type LogEvent =
  | Frame
  | { readonly kind: 'setting'; readonly version: SettingVersion }
  | { readonly kind: 'started'; readonly started: Started }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'capacity'; readonly observation: CapacityObservation }
  | { readonly kind: 'tick' }
  /** Written by a later version of the code, or garbage: counted, never fatal. */
  | { readonly kind: 'unreadable'; readonly problem: string };

/** The samples of one router flush that one partition of the log needs, of many targets, in source order. */
export interface Frame {
  readonly kind: 'frame';
  /** Names the source partition and the path; positions of different names are not compared. */
  readonly source: string;
  readonly first: SourcePosition;
  readonly last: SourcePosition;
  readonly path: IngestPath;
  readonly samples: readonly PositionedSample[];
}

/** An event with its place in the log. */
export interface LoggedEvent {
  readonly sequence: number;
  /** Set by the broker. Time in the fold is the greatest of these so far, and nothing else. */
  readonly enqueuedAt: Instant;
  readonly event: LogEvent;
}
