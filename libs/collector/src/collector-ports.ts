import type {
  Clock,
  Log,
  MetricSource,
  PartitionLedger,
  SamplePublisher,
  SettingsView,
} from '@headroom/ports';

export interface CollectorPorts {
  readonly source: MetricSource;
  readonly publisher: SamplePublisher;
  /** Where instances share their slots out, and keep how far each is published. */
  readonly ledger: PartitionLedger;
  readonly settings: SettingsView;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CollectorOptions {
  /** Names this instance; no other has it, nor one before it. */
  readonly member: string;
  /** US dollars for a thousand calls; see `pricePerThousandCalls`. */
  readonly price: number;
  /**
   * Resources that somebody else brings the metrics of. Samples of another grain, or with other dimensions, are series
   * beside Azure's, and a rule would count both.
   */
  readonly isSkipped: (resource: string) => boolean;
  /** From 0 up to 1: which of several slots that are as good. */
  readonly random: () => number;
}
