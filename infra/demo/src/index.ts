export * from './deployment.ts';
export * from './load.ts';
export * from './records.ts';
export * from './traffic.ts';
