export { namedValues } from './apim/named-values.ts';
export { createReceiver, renewalPeriodSeconds } from './apim/receiver.ts';
export * from './deployment.ts';
export * from './load.ts';
export * from './records.ts';
export * from './traffic.ts';
