import { parentPort, workerData } from 'node:worker_threads';
import { DataFolderError } from '../folder/failures.ts';
import type { CosmosOptions } from './server.ts';
import { serveCosmos } from './server.ts';

// The thread behind `startCosmos`: it says the port, and closes when it is told to.
if (parentPort === null) throw new Error('worker.ts runs as a worker thread of startCosmos only.');
const door = parentPort;
const server = await serveCosmos(workerData as CosmosOptions, Date.now, (error) => {
  // Its class does not survive the way to the other thread.
  const damage = error instanceof DataFolderError ? error.message : undefined;
  door.postMessage({ failure: error, damage });
});
door.once('message', () => {
  void server.close().then(() => {
    door.postMessage({ closed: true });
    door.close();
  });
});
door.postMessage({ port: server.port });
