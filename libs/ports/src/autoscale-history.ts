import type { Instant } from '@headroom/core';

/** What Azure's own autoscale did and said, as the activity log has it, 90 days back. */
export interface AutoscaleHistory {
  /**
   * Events of [from, to).
   *
   * @throws ListingRefused: a right is missing; the message says which
   * @throws DependencyUnavailable
   */
  events(scope: HistoryScope, from: Instant, to: Instant): Promise<HistoryAnswer>;
}

export interface HistoryAnswer {
  /** Rising in time. */
  readonly events: readonly AutoscaleEvent[];
  /** What it took, repetitions apart: each page is a call. */
  readonly calls: number;
}

export interface HistoryScope {
  readonly subscription: string;
  /** The whole subscription where absent. */
  readonly resourceGroup?: string;
}

export interface AutoscaleEvent {
  readonly at: Instant;
  /** Lower-case id of the autoscale setting. */
  readonly setting: string;
  /** Lower-case id of the resource that is scaled; empty where Azure does not say. */
  readonly target: string;
  readonly kind: AutoscaleEventKind;
  /** Instances before and after; of scale actions and flapping. */
  readonly from?: number;
  readonly to?: number;
  /** Of the profile in force, where Azure says it. */
  readonly profile?: string;
  /** Of the begin of an action: that profile with its bounds and rules as they were then, as the JSON that Azure writes. */
  readonly activeProfile?: string;
  /** Ties the begin of an action to its end. */
  readonly correlationId: string;
  readonly description: string;
}

export type AutoscaleEventKind =
  | 'ScaleStarted'
  | 'ScaleSucceeded'
  | 'ScaleFailed'
  | 'MetricFailure'
  | 'MetricRecovery'
  /** A scale-in that was not done, or done to another count, to avoid flapping. */
  | 'Flapping'
  | 'FlappingAdjusted'
  /** By predictive autoscale, which Headroom does not do. */
  | 'PredictiveScale';
