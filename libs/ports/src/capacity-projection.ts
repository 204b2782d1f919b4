import type { ProjectionQuery, TargetId } from '@headroom/core';

/** What the provider could serve now: for accounts whose capacity source is `arm`. */
export interface CapacityProjection {
  /**
   * Calls a second that the provider has room for, for everything in the account's subscription and region: the smaller of
   * what quota is left and what it can place. Throws `ProviderUnavailable`.
   */
  available(account: TargetId, query: ProjectionQuery): Promise<number>;
}
