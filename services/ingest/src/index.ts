export { compose } from './compose.ts';
export type { Ingest } from './compose.ts';
export { readConfig } from './config.ts';
export type { IngestConfig } from './config.ts';
export { createEvents } from './events.ts';
