import type { JudgeFunction } from '@headroom/core';
import type {
  Clock,
  DecisionTopic,
  Log,
  SettingsView,
  SignalFeed,
  SignalLog,
  SnapshotStore,
} from '@headroom/ports';

export interface EvaluatorPorts {
  readonly feed: SignalFeed;
  readonly signals: SignalLog;
  readonly topic: DecisionTopic;
  readonly snapshots: SnapshotStore;
  readonly settings: SettingsView;
  readonly clock: Clock;
  readonly log: Log;
}

export interface EvaluatorOptions {
  /** Goes into every decision: the same inputs under another version may decide differently. */
  readonly codeVersion: string;
  /** Stands in for `judge`; a test's door to a setting that makes it throw. */
  readonly judge?: JudgeFunction;
}
