import type { Instant } from '../lang/instant.ts';

/** What a person may put above a setting for a while. A newer one of a kind replaces the older. */
export type Override = PauseOverride | FreezeOverride | PinOverride | ConfirmOverride;
export type OverrideKind = Override['kind'];

/** In force in [at, until) of log time. */
export interface OverrideTerm {
  readonly at: Instant;
  readonly until: Instant;
  readonly owner: string;
  readonly reason: string;
}

/** One setting decides nothing. */
export interface PauseOverride extends OverrideTerm {
  readonly kind: 'pause';
}

/** Every setting of a scope decides nothing. */
export interface FreezeOverride extends OverrideTerm {
  readonly kind: 'freeze';
}

/** The target is brought to `to` instances, within the profile's bounds, and stays there. */
export interface PinOverride extends OverrideTerm {
  readonly kind: 'pin';
  readonly to: number;
}

/** Limits may be raised although a caller is far above its own history. */
export interface ConfirmOverride extends OverrideTerm {
  readonly kind: 'confirm';
}

export function isInForce({ at, until }: OverrideTerm, now: Instant): boolean {
  return at <= now && now < until;
}

/** `overrides` with `added` in the place of the one of its kind. */
export function withOverride(overrides: readonly Override[], added: Override): readonly Override[] {
  return [...overrides.filter(({ kind }) => kind !== added.kind), added];
}
