/**
 * What the reference evaluator takes and answers: plain shapes of its own. The engine's values fit them by their
 * structure; nothing here comes from the engine. Times are milliseconds since 1970, in log time.
 */
export interface Setting {
  readonly enabled: boolean;
  readonly target: string;
  readonly profiles: readonly Profile[];
}

export interface Profile {
  readonly name: string;
  readonly capacity: Limits;
  readonly rules: readonly Rule[];
  readonly schedule?: FixedDate | Recurrence;
}

export interface Limits {
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

/** [start, end) on the zone's wall clock, each as the milliseconds at which a clock in UTC shows the same. */
export interface FixedDate {
  readonly kind: 'fixedDate';
  readonly timeZone: string;
  readonly start: number;
  readonly end: number;
}

/** Sunday is day 0. */
export interface Recurrence {
  readonly kind: 'recurrence';
  readonly timeZone: string;
  readonly days: readonly number[];
  readonly hour: number;
  readonly minute: number;
}

export interface Rule {
  readonly trigger: Trigger;
  readonly action: Action;
}

export interface Trigger {
  readonly metricName: string;
  readonly resource: string;
  readonly timeGrainMs: number;
  readonly statistic: 'Average' | 'Min' | 'Max' | 'Sum' | 'Count';
  readonly timeWindowMs: number;
  readonly timeAggregation: 'Average' | 'Minimum' | 'Maximum' | 'Total' | 'Count' | 'Last';
  readonly operator: Operator;
  readonly threshold: number;
  readonly dimensions: readonly DimensionFilter[];
  readonly dividePerInstance: boolean;
}

export type Operator =
  'Equals' | 'NotEquals' | 'GreaterThan' | 'GreaterThanOrEqual' | 'LessThan' | 'LessThanOrEqual';

export interface DimensionFilter {
  readonly name: string;
  readonly operator: 'Equals' | 'NotEquals';
  readonly values: readonly string[];
}

export interface Action {
  readonly direction: 'Increase' | 'Decrease' | 'None';
  readonly type: 'ChangeCount' | 'PercentChangeCount' | 'ExactCount' | 'ServiceAllowedNextValue';
  readonly value: number;
  readonly cooldownMs: number;
}

export interface Policy {
  readonly mode: 'act' | 'observe';
  readonly cooldownFrom: 'candidateRule' | 'lastFiredRule';
  readonly scaleOutPreemptsCooldown: boolean;
  readonly flapBudget?: number;
  readonly missingData: {
    readonly out: MissingData;
    readonly in: MissingData;
    readonly rules: readonly {
      readonly profile?: string;
      readonly rule: number;
      readonly use: MissingData;
    }[];
  };
  readonly capacityLadder?: readonly number[];
}

export type MissingData =
  | { readonly kind: 'hold' }
  | { readonly kind: 'default' }
  | { readonly kind: 'failUp' }
  | { readonly kind: 'lastGood'; readonly ttlMs: number };

export interface Override {
  readonly kind: 'pause' | 'freeze' | 'pin';
  readonly at: number;
  readonly until: number;
  readonly to?: number;
}

export type Content =
  | {
      readonly kind: 'setting';
      readonly setting: Setting;
      readonly policy: Policy;
      readonly overrides: readonly Override[];
    }
  | { readonly kind: 'tombstone' }
  | { readonly kind: 'unreadable' };

/** One pre-aggregated value of a series that covers [time, time + grainMs). */
export interface Sample {
  readonly series: {
    readonly resource: string;
    readonly metric: string;
    readonly dimensions: readonly (readonly [name: string, value: string])[];
  };
  readonly time: number;
  readonly grainMs: number;
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface Frame {
  readonly kind: 'frame';
  readonly source: string;
  readonly path: string;
  readonly samples: readonly {
    readonly sample: Sample;
    readonly position: { readonly sequence: number; readonly index: number };
  }[];
}

export interface Outcome {
  readonly commandId: string;
  readonly to: number;
  readonly kind: string;
  readonly capacity?: number;
  readonly reachedProvider: boolean;
  readonly source:
    | { readonly kind: 'log'; readonly position: { readonly sequence: number } }
    | { readonly kind: 'external' };
}

/** What the log can hold. */
export type Event =
  | Frame
  | {
      readonly kind: 'setting';
      readonly version: { readonly version: number; readonly content: Content };
    }
  | { readonly kind: 'started'; readonly started: { readonly commandId: string } }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'capacity'; readonly observation: { readonly instances?: number } }
  | { readonly kind: 'tick' }
  | { readonly kind: 'unreadable' };

export type Reading =
  | {
      readonly kind: 'value';
      readonly completeness: 'complete' | 'partial' | 'lastGood';
      readonly value: number;
      readonly samples: number;
      readonly frontier: number;
    }
  | { readonly kind: 'missing' | 'warming' };

export interface Finding {
  readonly direction: 'out' | 'in';
  readonly reading: Reading;
  /** What was compared with the threshold. */
  readonly observed?: number;
  readonly fired: boolean;
  /** The count that the rule asks for; where it fired. */
  readonly proposed?: number;
  readonly cooldownLeftMs: number;
  readonly projected?: number;
}

export interface Verdict {
  readonly outcome: 'ScaleOut' | 'ScaleIn' | 'Hold';
  readonly reason: string;
  readonly profile?: string;
  readonly before?: number;
  readonly proposed?: number;
  readonly after?: number;
  /** Index of the rule whose result won. */
  readonly winner?: number;
  /** Whether the capacity has to be read. */
  readonly asksCapacity: boolean;
  /** Empty until the metrics are read. */
  readonly rules: readonly Finding[];
}
