export { connectMonitor } from './connect.ts';
export type { EnabledSetting, Monitor, MonitorOptions } from './connect.ts';
export { ListingRefused } from './errors.ts';
export type { SettingsScope } from './list-settings.ts';
