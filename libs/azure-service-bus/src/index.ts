export { connectServiceBus } from './connect.ts';
export type { ServiceBus, ServiceBusEndpoint } from './connect.ts';
export { EntityRefused } from './errors.ts';
export type { IntakeLimits } from './intake.ts';
