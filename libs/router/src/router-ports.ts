import type { Log, MetricFeed, RejectedStore, SettingsView, SignalLog } from '@headroom/ports';

export interface RouterPorts {
  readonly feed: MetricFeed;
  readonly signals: SignalLog;
  readonly rejected: RejectedStore;
  readonly settings: SettingsView;
  readonly log: Log;
}
