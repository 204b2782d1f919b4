export { connectMonitor } from './connect.ts';
export type { EnabledSetting, Monitor, MonitorOptions } from './connect.ts';
