import type { IngestPath, Sample } from '@headroom/core';

/** The hub `metrics` as one who brings samples sees it. */
export interface SamplePublisher {
  /**
   * Resolves when the hub has them. Readers of the hub get the samples of one key in the order in which they were published;
   * those of different keys in any order.
   *
   * @throws DependencyUnavailable: some of them may be on the hub all the same
   */
  publish(samples: readonly Sample[], how: PublishedHow): Promise<void>;
}

export interface PublishedHow {
  readonly path: IngestPath;
  readonly key: string;
}
