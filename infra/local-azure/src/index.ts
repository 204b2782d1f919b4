export type { IdentityEnvironment, LocalAzureEnvironment, Ports } from './environment.ts';
export type { LocalAzure, LocalAzureOptions } from './local-azure.ts';
export { startLocalAzure } from './local-azure.ts';
export { PortTakenError } from './servers.ts';
export { startAmqpServer } from './amqp/index.ts';
export type { AmqpEntities, AmqpOptions, AmqpServer } from './amqp/index.ts';
export type { LocalEntities } from './entities.ts';
export { topologyEntities } from './entities.ts';
export { readEntities } from './config/read-entities.ts';
export type { Sync } from './folder/database.ts';
export { DataFolderError } from './folder/failures.ts';
export { HEADROOM_VERSION } from './folder/format.ts';
export type { Content } from './folder/contents.ts';
export { contentsOf, resetFolder } from './folder/contents.ts';
export type { LocalSignIn } from './identity/local-sign-in.ts';
export { localSignIn } from './identity/local-sign-in.ts';
export type { Running } from './folder/running.ts';
export { whoRuns } from './folder/running.ts';
export { FolderInUseError } from './lock.ts';
export type {
  ArmControl,
  BackendChange,
  FailingOperation,
  Fault,
  MetricSample,
  NewActivityEvent,
  QuotaChange,
  RequestWitness,
} from './arm/index.ts';
