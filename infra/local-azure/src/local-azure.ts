import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Ports } from './environment.ts';
import { loadIdentity } from './environment.ts';
import { namesOf, topologyEntities } from './entities.ts';
import { IN_MEMORY } from './folder/database.ts';
import { HEADROOM_VERSION, stampFolder } from './folder/format.ts';
import { inspectFolder, makeFolder } from './folder/inspect.ts';
import { announce } from './folder/running.ts';
import type { Running } from './folder/running.ts';
import { writeFileAtomically } from './files.ts';
import { lockFolder } from './lock.ts';
import { startServers } from './servers.ts';
import type { Place, ServerOptions, Served } from './servers.ts';

export interface LocalAzureOptions extends ServerOptions {
  /**
   * Holds env.json and, below `azure`, everything that is kept. Without one nothing is kept: a
   * temporary folder has env.json and the certificates until the end.
   */
  readonly dataDir?: string;
}

export interface LocalAzure extends AsyncDisposable, Served {
  /** Where env.json is. */
  readonly dataDir: string;
  close(): Promise<void>;
}

/** Of the temporary folder of one that keeps nothing. */
const MEMORY_PREFIX = 'headroom-local-';

/**
 * Starts Event Hubs and Service Bus, Cosmos DB and Azure Resource Manager on loopback. Keys are made
 * at the first start; keys and ports are kept in `env.json`, so that clients find a restarted one
 * again. A second process on one folder is refused (`FolderInUseError`), and so is a folder that is
 * damaged or of a newer format (`DataFolderError`), before anything is written.
 */
export async function startLocalAzure(options: LocalAzureOptions): Promise<LocalAzure> {
  await using parts = new AsyncDisposableStack();
  const place = openPlace(options.dataDir, parts);
  const environmentFile = join(place.dataDir, 'env.json');
  const keysFile = join(place.folder, 'keys.json');
  const identity = loadIdentity(environmentFile, keysFile);
  const served = await startServers(options, place, identity, parts);
  // First the keys: they are in the other file until it is replaced.
  if (options.disableLocalAuth === true) writeJson(keysFile, served.env);
  writeJson(environmentFile, options.disableLocalAuth === true ? served.identityEnv : served.env);
  parts.use(announce(place.folder, descriptionOf(options, served.ports)));
  // From here on the caller ends what was started.
  const owned = parts.move();
  const close = (): Promise<void> => owned.disposeAsync();
  return {
    ...served,
    dataDir: place.dataDir,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function writeJson(file: string, value: object): void {
  writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** The folder, locked and looked at; or a temporary one, and memory. */
function openPlace(given: string | undefined, parts: AsyncDisposableStack): Place {
  const dataDir = given === undefined ? mkdtempSync(join(tmpdir(), MEMORY_PREFIX)) : resolve(given);
  if (given === undefined) parts.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const folder = join(dataDir, 'azure');
  makeFolder(folder);
  parts.use(lockFolder(folder));
  const stamp = stampFolder(folder);
  if (given === undefined) return { dataDir, folder, stamp, fileFor: () => IN_MEMORY };
  inspectFolder(folder);
  return { dataDir, folder, stamp, fileFor: (name) => join(folder, name) };
}

function descriptionOf(options: LocalAzureOptions, ports: Ports): Running {
  return {
    pid: process.pid,
    headroom: HEADROOM_VERSION,
    node: process.versions.node,
    startedAt: new Date().toISOString(),
    ports,
    sync: options.sync ?? 'process',
    isInMemory: options.dataDir === undefined,
    entities: namesOf(options.entities ?? topologyEntities),
  };
}
