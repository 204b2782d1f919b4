export * from './ai/accounts.ts';
export * from './ai/backend.ts';
export * from './ai/token-window.ts';
export * from './ai/trace.ts';
export * from './deployment.ts';
export * from './load.ts';
export * from './records.ts';
export * from './traffic.ts';
