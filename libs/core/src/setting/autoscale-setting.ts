import type { Millis } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import type { Override } from './override.ts';
import type { AiAccount } from './ai-account.ts';
import type { Policy, ShadowPolicy } from './policy.ts';
import type { QuotaPool, QuotaPoolPolicy } from './quota-pool.ts';
import type { RateLimitPolicy } from './rate-limit-policy.ts';
import type { Schedule } from './schedule.ts';

/** An ARM `Microsoft.Insights/autoscaleSettings` resource, parsed. Names and meanings are Azure's. */
export interface AutoscaleSetting {
  readonly name: string;
  readonly enabled: boolean;
  readonly target: TargetId;
  readonly profiles: readonly Profile[];
}

export interface Profile {
  readonly name: string;
  readonly capacity: CapacityLimits;
  readonly rules: readonly Rule[];
  /** When it applies; the default profile has none. */
  readonly schedule?: Schedule;
}

/** Instances; bounds are inclusive. `default` is used when metrics cannot be read, and only to raise. */
export interface CapacityLimits {
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

export interface Rule {
  readonly trigger: MetricTrigger;
  readonly action: ScaleAction;
}

export interface MetricTrigger {
  readonly metricName: string;
  /** As Azure spells it; absent: the type of the resource. Decides nothing but what a metric source is asked for. */
  readonly metricNamespace?: string;
  /** Lower-case id of the resource that emits the metric; may differ from the target. */
  readonly resource: string;
  readonly timeGrainMs: Millis;
  /** How the instances' values of one grain are combined. */
  readonly statistic: Statistic;
  readonly timeWindowMs: Millis;
  /** How the grains of one window are combined. */
  readonly timeAggregation: TimeAggregation;
  readonly operator: Operator;
  readonly threshold: number;
  readonly dimensions: readonly DimensionFilter[];
  readonly dividePerInstance: boolean;
}

export const statistics = ['Average', 'Min', 'Max', 'Sum', 'Count'] as const;
export type Statistic = (typeof statistics)[number];

export const timeAggregations = [
  'Average',
  'Minimum',
  'Maximum',
  'Total',
  'Count',
  'Last',
] as const;
export type TimeAggregation = (typeof timeAggregations)[number];

export const operators = [
  'Equals',
  'NotEquals',
  'GreaterThan',
  'GreaterThanOrEqual',
  'LessThan',
  'LessThanOrEqual',
] as const;
export type Operator = (typeof operators)[number];

/** `Equals`: any of the values. `NotEquals`: none of them; a series without the dimension passes. */
export interface DimensionFilter {
  readonly name: string;
  readonly operator: 'Equals' | 'NotEquals';
  readonly values: readonly string[];
}

export const scaleActionTypes = [
  'ChangeCount',
  'PercentChangeCount',
  'ExactCount',
  /** To the next count that the target's ladder allows: see `capacityLadder`. */
  'ServiceAllowedNextValue',
] as const;
export type ScaleActionType = (typeof scaleActionTypes)[number];

export interface ScaleAction {
  readonly direction: 'Increase' | 'Decrease' | 'None';
  readonly type: ScaleActionType;
  readonly value: number;
  readonly cooldownMs: Millis;
}

/** A candidate that runs live beside the setting in force: it decides on the same target and changes nothing. */
export interface Shadow {
  /** Its own among the target's: state and records go by it. */
  readonly name: string;
  readonly content: ShadowContent;
}

export type ShadowContent =
  | {
      readonly kind: 'setting';
      readonly setting: AutoscaleSetting;
      readonly policy: ShadowPolicy;
    }
  /** Cannot be read by this version of the code: this shadow is held with `Error`, nobody else. */
  | { readonly kind: 'unreadable'; readonly problems: readonly string[] };

/** A version of a setting as the store keeps it. Versions are integers from 1; a tombstone keeps its version. */
export interface SettingVersion {
  readonly target: TargetId;
  /** The setting's ARM id, or its name where it has none. */
  readonly id: string;
  readonly version: number;
  readonly content: SettingContent;
}

export type RateLimitContent = Extract<SettingContent, { kind: 'rateLimit' }>;
export type QuotaPoolContent = Extract<SettingContent, { kind: 'quotaPool' }>;

export type SettingContent =
  | {
      readonly kind: 'setting';
      readonly setting: AutoscaleSetting;
      readonly policy: Policy;
      /** At most one of a kind; ended ones may still be among them. */
      readonly overrides: readonly Override[];
      /** Candidates that run beside it, each under a name of its own; absent where there are none. */
      readonly shadows?: readonly Shadow[];
    }
  /** Limits of an AI services account. */
  | {
      readonly kind: 'rateLimit';
      readonly account: AiAccount;
      readonly policy: RateLimitPolicy;
      readonly overrides: readonly Override[];
    }
  /** Model deployments that share a quota. */
  | {
      readonly kind: 'quotaPool';
      readonly pool: QuotaPool;
      readonly policy: QuotaPoolPolicy;
      readonly overrides: readonly Override[];
    }
  /** Deleted. */
  | { readonly kind: 'tombstone' }
  /** In the fold that had it before: another one's, of the group that the version names. Never in a store. */
  | { readonly kind: 'moved'; readonly group: string }
  /** Cannot be read by this version of the code: its target is held with `Error`. */
  | { readonly kind: 'unreadable'; readonly problems: readonly string[] };
