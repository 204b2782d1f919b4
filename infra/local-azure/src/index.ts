export type { IdentityEnvironment, LocalAzureEnvironment, Ports } from './environment.ts';
export type { LocalAzure, LocalAzureOptions } from './local-azure.ts';
export { startLocalAzure } from './local-azure.ts';
export { startAmqpServer } from './amqp/index.ts';
export type { AmqpEntities, AmqpOptions, AmqpServer } from './amqp/index.ts';
export { FolderInUseError } from './lock.ts';
