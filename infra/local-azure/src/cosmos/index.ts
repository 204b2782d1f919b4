import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FailureListener } from '../http.ts';
import type { CosmosOptions, CosmosServer } from './server.ts';

export type { ContainerDefinition, DatabaseDefinition } from './definitions.ts';
export { serveCosmos } from './server.ts';
export type { CosmosOptions, CosmosServer } from './server.ts';

/**
 * Serves the Cosmos DB data plane from a thread of its own, so that a long scan stalls no message.
 * If the thread dies later, the process ends with its error: a supervisor starts it anew.
 */
export async function startCosmos(
  options: CosmosOptions,
  onFailure: FailureListener = () => undefined,
): Promise<CosmosServer> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options });
  // `once` rejects when the worker reports an error first, for instance a port that is taken.
  const [{ port }] = (await once(worker, 'message')) as [{ port: number }];
  worker.on('message', (message: { failure?: unknown }) => {
    if (message.failure !== undefined) onFailure(message.failure);
  });
  worker.on('error', (error) => {
    throw error;
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeWorker(worker));
  const endpoint = `http://${options.host}:${port}/`;
  return { port, endpoint, close, [Symbol.asyncDispose]: close };
}

async function closeWorker(worker: Worker): Promise<void> {
  const exited = once(worker, 'exit');
  worker.postMessage({ close: true });
  await exited;
}
