import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { partOf } from '@headroom/runtime';
import { DataFolderError } from '../folder/failures.ts';
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
  const { file, args } = partOf('cosmos', () => new URL('./worker.ts', import.meta.url));
  const worker = new Worker(file, { workerData: options, argv: [...args] });
  const port = await portOf(worker);
  worker.on('message', (message: { failure?: unknown; damage?: string }) => {
    if (message.damage !== undefined) onFailure(new DataFolderError(message.damage));
    else if (message.failure !== undefined) onFailure(message.failure);
  });
  worker.on('error', (error) => {
    throw error;
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeWorker(worker));
  const endpoint = `http://${options.host}:${port}/`;
  return { port, endpoint, close, [Symbol.asyncDispose]: close };
}

/** Rejects, once the thread has ended, with the error that it met first: a port that is taken. */
async function portOf(worker: Worker): Promise<number> {
  try {
    const [{ port }] = (await once(worker, 'message')) as [{ port: number }];
    return port;
  } catch (error) {
    await once(worker, 'exit');
    throw error;
  }
}

async function closeWorker(worker: Worker): Promise<void> {
  const exited = once(worker, 'exit');
  worker.postMessage({ close: true });
  await exited;
}
