export type { LocalAzureEnvironment, Ports } from './environment.ts';
export type { LocalAzure, LocalAzureOptions } from './local-azure.ts';
export { startLocalAzure } from './local-azure.ts';
export { startAmqpServer } from './amqp/index.ts';
export type { AmqpEntities, AmqpOptions, AmqpServer } from './amqp/index.ts';
export { FolderInUseError } from './lock.ts';
export type {
  ArmControl,
  BackendChange,
  FailingOperation,
  Fault,
  MetricSample,
  NewActivityEvent,
  QuotaChange,
} from './arm/index.ts';
