import type { Decision, Instant, Millis } from '@headroom/core';
import type { CapacityChangeAt } from '../simulate.ts';
import type { StatedModel } from './options.ts';

/** A setting over recorded load, from a capacity of its own; or why there is none. */
export type Backtested = { readonly kind: 'run'; readonly run: BacktestRun } | RefusedBacktest;

export interface RefusedBacktest {
  readonly kind: 'refused';
  /** What is missing and what to do; for a metric, its name and its resource's too. */
  readonly why: string;
  /** Where it is for want of a model of this one. */
  readonly metric?: UnmodelledMetric;
}

export interface UnmodelledMetric {
  readonly metric: string;
  readonly resource: string;
  /** Why there is no telling how it would have been. */
  readonly why: string;
  /** What somebody who knows it may state of it. */
  readonly models: readonly StatedModel[];
}

export interface BacktestRun {
  readonly from: Instant;
  readonly to: Instant;
  /** Instances in force from each instant on. */
  readonly capacities: readonly CapacityChangeAt[];
  /** Actions and changes of (outcome, reason, profile), in order. */
  readonly decisions: readonly Decision[];
  readonly evaluations: number;
  readonly figures: BacktestFigures;
  /** How each metric follows the number of instances, and how well that fits where it was fitted. */
  readonly models: readonly LoadModelUse[];
  /** What else it rests on, for a person: how long operations take, how late data comes. */
  readonly assumptions: readonly string[];
}

export interface BacktestFigures {
  readonly instanceHours: number;
  readonly scaleOuts: number;
  readonly scaleIns: number;
  /** Actions that undo the one before within an hour. */
  readonly flaps: number;
  /** Some out rule's value over its threshold, in the profile in force. */
  readonly overThresholdMs: Millis;
  /** Every in rule's value under its threshold. */
  readonly underThresholdMs: Millis;
  readonly atMaximumMs: Millis;
}

export interface LoadModelUse {
  readonly metric: string;
  readonly resource: string;
  readonly model: 'shared' | 'independent' | 'fitted';
  /** Of the fitted ones: mean absolute error on held-out data, relative to the mean. */
  readonly heldOutError?: number;
  readonly text: string;
}
