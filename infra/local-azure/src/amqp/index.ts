export { startAmqpServer } from './server.ts';
export type { AmqpOptions, AmqpServer } from './server.ts';
export type { AmqpEntities } from './entities.ts';
