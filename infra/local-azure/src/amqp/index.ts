export { startAmqpServer } from './server.ts';
export type { AmqpOptions, AmqpServer } from './server.ts';
export type * from './entities.ts';
