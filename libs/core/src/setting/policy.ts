import type { Millis } from '../lang/instant.ts';

/** What Headroom does with a setting's decisions. */
export const modes = ['act', 'observe'] as const;
export type Mode = (typeof modes)[number];

/** Headroom's own options for a setting. They are kept in a document beside it, never in the ARM JSON. */
export interface Policy {
  readonly mode: Mode;
  /** `all` records every evaluation; otherwise actions, changes and heartbeats. */
  readonly auditLevel: 'changes' | 'all';
  /**
   * Whose cooldown counts from the last action: each rule's own (Azure's "get started" page and REST text), or that of the
   * rule that fired last (Azure's "understand settings" page).
   */
  readonly cooldownFrom: 'candidateRule' | 'lastFiredRule';
  /** A scale-out does not wait for the cooldown that a scale-in began. Beyond Azure. */
  readonly scaleOutPreemptsCooldown: boolean;
  /** Most actions of a rule within any hour, counting every action. Beyond Azure. */
  readonly flapBudget?: number;
  readonly missingData: MissingData;
  /** The counts that the target takes, ascending, where it does not take every one. */
  readonly capacityLadder?: readonly number[];
}

/** There is no mode to choose: nothing carries out what a shadow decides. */
export type ShadowPolicy = Omit<Policy, 'mode'>;

export function withoutMode({ mode: _, ...policy }: Policy): ShadowPolicy {
  return policy;
}

/** What a rule does while its metric is missing, by the direction of the rule; single rules may differ. */
export interface MissingData {
  readonly out: MissingDataPolicy;
  readonly in: MissingDataPolicy;
  readonly rules: readonly MissingDataOfRule[];
}

export interface MissingDataOfRule {
  /** A profile's name; without one the rule of every profile is meant. */
  readonly profile?: string;
  /** Its index in the profile. */
  readonly rule: number;
  readonly use: MissingDataPolicy;
}

/**
 * None of them makes a missing value zero, and none lets a rule scale in.
 *
 * - `hold`: the rule does not fire and raises nothing.
 * - `default`: as Azure: while there are fewer instances than the default, raise to it.
 * - `failUp`: an out rule counts as fired.
 * - `lastGood`: the newest window goes on to count, as a partial one, until its frontier is `ttlMs` old; then `default`.
 */
export type MissingDataPolicy =
  | { readonly kind: 'hold' }
  | { readonly kind: 'default' }
  | { readonly kind: 'failUp' }
  | { readonly kind: 'lastGood'; readonly ttlMs: Millis };

/** Most actions an hour that a budget can name. */
export const flapBudgetMax = 60;

const asAzure: MissingDataPolicy = { kind: 'default' };

export const defaultPolicy: Policy = {
  mode: 'act',
  auditLevel: 'changes',
  cooldownFrom: 'candidateRule',
  scaleOutPreemptsCooldown: false,
  missingData: { out: asAzure, in: asAzure, rules: [] },
};

/** A rule's own choice, or that of its direction. */
export function missingDataOf(
  { missingData }: Policy,
  profile: string,
  rule: number,
  direction: 'out' | 'in',
): MissingDataPolicy {
  for (const choice of missingData.rules) {
    if (choice.rule === rule && (choice.profile ?? profile) === profile) return choice.use;
  }
  return missingData[direction];
}
