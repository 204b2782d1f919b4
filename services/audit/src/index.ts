export { compose } from './compose.ts';
export type { Audit } from './compose.ts';
export { readConfig } from './config.ts';
export type { AuditConfig } from './config.ts';
export { createEvents } from './events.ts';
