import type { Instant, LoggedEvent } from '@headroom/core';

/**
 * The log for whoever looks back: beside the members that share its partitions, who notice nothing of it.
 */
export interface SignalHistory {
  /**
   * Hands over what the partition holds from `from` on, in order, up to its end as it was when this was asked; each batch is
   * awaited before the next. What retention no longer holds is left out.
   *
   * @throws DependencyUnavailable; whatever `take` throws
   */
  read(
    partition: number,
    from: Instant,
    take: (events: readonly LoggedEvent[]) => Promise<void> | void,
  ): Promise<void>;
}
