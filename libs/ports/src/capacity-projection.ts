import type { ProjectionQuery, TargetId } from '@headroom/core';

/** What the provider could serve now: for accounts whose capacity source is `arm`. */
export interface CapacityProjection {
  /**
   * What there is room for, for everything in the account's subscription and region: the smaller of what quota is left and
   * what can be placed. That nobody knows, or that the provider does not answer, is an answer too: it counts as no room.
   */
  available(account: TargetId, query: ProjectionQuery): Promise<Projection>;
}

export type Projection =
  /** Calls a second. */
  | { readonly kind: 'known'; readonly tps: number }
  | { readonly kind: 'unknown'; readonly detail: string };
