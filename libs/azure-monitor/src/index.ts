export type { MonitorOptions } from './access.ts';
export { connectMonitor } from './connect.ts';
export type { EnabledSetting, Monitor } from './connect.ts';
export { ListingRefused } from './errors.ts';
export { connectHistory } from './history/autoscale-history.ts';
export type { SettingsScope } from './list-settings.ts';
export { connectCustomMetrics } from './metrics/custom-metrics.ts';
export type { TellMetric } from './metrics/custom-metrics.ts';
export { connectMetrics } from './metrics/metric-source.ts';
