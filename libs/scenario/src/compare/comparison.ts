import type { Decision, Instant, Millis, Reason } from '@headroom/core';

/** What the setting in force and its shadows decided, day by day. */
export interface Comparison {
  /** Days on which somebody decided something, oldest first. */
  readonly days: readonly ComparedDay[];
  /** Over all days, in the same order as those of a day. */
  readonly total: readonly ComparedSide[];
  /** Versions of the setting that decided. */
  readonly versions: readonly number[];
}

export interface ComparedDay {
  /** `2026-11-28`, in the time zone that was asked for. */
  readonly day: string;
  /** The setting in force, then its shadows by name. */
  readonly sides: readonly ComparedSide[];
}

/** One who decides on the target. */
export interface ComparedSide {
  /** Absent: the setting in force. */
  readonly shadow?: string;
  /** Moves that it wanted. One that is wanted again, because nothing came of it, is not counted again. */
  readonly scaleOuts: number;
  readonly scaleIns: number;
  /** How often a move was decided again that it wanted already. */
  readonly again: number;
  /** For how long records say what it found. */
  readonly knownMs: Millis;
  readonly heldMs: Readonly<Partial<Record<Reason, Millis>>>;
  /** Of a shadow: beside what the setting in force wanted at the same time. */
  readonly beside?: BesideInForce;
}

export interface BesideInForce {
  /** For how long both wanted something, and for how long not the same count. */
  readonly bothMs: Millis;
  readonly differsMs: Millis;
  /** What it wanted more, times how long: negative where it wanted less. */
  readonly moreInstanceMs: number;
  /** How often it began to want another count. */
  readonly times: number;
  /** The first, then those with the most instances times time; `tellingMax` at most. */
  readonly telling: readonly DifferingCounts[];
}

/** A stretch of time in which a shadow and the setting in force wanted different counts. */
export interface DifferingCounts {
  readonly from: Instant;
  readonly until: Instant;
  /** As it began. */
  readonly inForce: WantedCount;
  readonly shadow: WantedCount;
}

export interface WantedCount {
  readonly count: number;
  /** What made it want that. */
  readonly decision: Pick<Decision, 'id' | 'outcome' | 'reason' | 'at'>;
}
