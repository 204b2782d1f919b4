export { connectCosmos } from './connect.ts';
export type { ContainerNames, CosmosOptions, CosmosStores } from './connect.ts';
export { CosmosRefused } from './errors.ts';
export { UnreadableDocument } from './unreadable.ts';
