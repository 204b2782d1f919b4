import type { AutoscaleSetting, Instant, Profile, Sample } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import type { CapacityChangeAt } from '../simulate.ts';

/** What is on record of one autoscale setting and of the target that it scales. */
export interface TargetHistory {
  readonly setting: AutoscaleSetting;
  /** Lower-case ARM id of the setting, or its name where it has none. */
  readonly settingId: string;
  readonly from: Instant;
  readonly to: Instant;
  /** What the setting's rules read, each at its own grain; rising in time. */
  readonly samples: readonly Sample[];
  /** Instances in force from each instant on, rising in time; empty where nobody recorded them. */
  readonly capacities: readonly CapacityChangeAt[];
  /** What Azure's engine did and said, rising in time. */
  readonly events: readonly AutoscaleEvent[];
  /** What Azure's engine read of each rule's metric, minute by minute; rising in time. */
  readonly observed: readonly ObservedValue[];
  /** What Azure's engine compared with, each rule's threshold once; absent where it was not read. */
  readonly thresholds?: readonly ComparedThreshold[];
  /** Scale actions as Azure's engine counted them, rising in time; absent where they were not read. */
  readonly countedActions?: readonly CountedAction[];
  /** Profiles as Azure had them when it began an action, where the setting of now has other bounds or rules; rising in time. */
  readonly formerProfiles?: readonly FormerProfile[];
  /** What could not be had, for a person. */
  readonly gaps: readonly string[];
}

export interface FormerProfile {
  /** The begin of the action. */
  readonly at: Instant;
  /** Without its schedule. */
  readonly profile: Profile;
}

/** A value of the setting's own metric "Observed Metric Value". */
export interface ObservedValue {
  /** The minute in which Azure read it. */
  readonly at: Instant;
  /** Azure's name of the metric source: the dimension's value, as Azure spells it. */
  readonly source: string;
  readonly value: number;
}

/** A value of the setting's own metric "Metric Threshold". */
export interface ComparedThreshold {
  /** Azure's name of the rule: the dimension's value, as Azure spells it. */
  readonly rule: string;
  readonly value: number;
  /** The first and the last minute that has it. */
  readonly from: Instant;
  readonly to: Instant;
}

/** A minute of the setting's own metric "Scale Actions Initiated" in which there was one. */
export interface CountedAction {
  readonly at: Instant;
  /** `Increase` or `Decrease`: the dimension's value, as Azure spells it. */
  readonly direction: string;
  readonly count: number;
}
