export { compose } from './compose.ts';
export type { Scaler } from './compose.ts';
export { readConfig } from './config.ts';
export type { ScalerConfig } from './config.ts';
export { createEvents } from './events.ts';
