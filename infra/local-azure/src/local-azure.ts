import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startAmqpServer } from './amqp/index.ts';
import { startArm } from './arm/index.ts';
import { startCosmos } from './cosmos/index.ts';
import type { Identity, LocalAzureEnvironment, Ports } from './environment.ts';
import { loadIdentity } from './environment.ts';
import type { LocalEntities } from './entities.ts';
import { namesOf, topologyEntities } from './entities.ts';
import type { Sync } from './folder/database.ts';
import { IN_MEMORY } from './folder/database.ts';
import { DataFolderError } from './folder/failures.ts';
import type { DatabaseFile, Stamp } from './folder/format.ts';
import { HEADROOM_VERSION, stampFolder } from './folder/format.ts';
import { inspectFolder, makeFolder } from './folder/inspect.ts';
import { announce } from './folder/running.ts';
import type { Running } from './folder/running.ts';
import type { FailureListener } from './http.ts';
import { writeFileAtomically } from './files.ts';
import { lockFolder } from './lock.ts';

export interface LocalAzureOptions {
  /**
   * Holds env.json and, below `azure`, everything that is kept. Without one nothing is kept: a
   * temporary folder has env.json and the certificates until the end.
   */
  readonly dataDir?: string;
  /** What an acknowledgement survives: 'process' unless given. */
  readonly sync?: Sync;
  /** Headroom's own unless given. */
  readonly entities?: LocalEntities;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** Those of the last start unless given, or free ones. */
  readonly ports?: Partial<Ports>;
  /** How long an operation of Azure Resource Manager runs: 8 s unless given. */
  readonly provisioningMs?: number;
  /** Cores that deployments may use together; no limit unless given. */
  readonly quotaCores?: number;
  /** Told of errors that became an answer 500. */
  readonly onFailure?: FailureListener;
}

export interface LocalAzure extends AsyncDisposable {
  readonly env: LocalAzureEnvironment;
  readonly ports: Ports;
  /** Where env.json is. */
  readonly dataDir: string;
  /** What an earlier start served and the folder keeps, though it is not among the entities now. */
  readonly unserved: readonly string[];
  /** Resolves when a damaged page was met: what is answered from then on cannot be trusted. */
  readonly damage: Promise<DataFolderError>;
  /** For tests. */
  readonly control: {
    /** The next operation of Azure Resource Manager ends with this error. */
    failNextOperation(code: string, message: string): void;
  };
  close(): Promise<void>;
}

const DEFAULT_PROVISIONING_MS = 8_000;
const KEY_NAME = 'RootManageSharedAccessKey';
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
  const identity = loadIdentity(environmentFile);
  const servers = await startServers(options, place, identity, parts);
  const { env, ports, failNextOperation, unserved, damage } = servers;
  writeFileAtomically(environmentFile, `${JSON.stringify(env, null, 2)}\n`);
  parts.use(announce(place.folder, descriptionOf(options, ports)));
  // From here on the caller ends what was started.
  const owned = parts.move();
  const close = (): Promise<void> => owned.disposeAsync();
  return {
    env,
    ports,
    dataDir: place.dataDir,
    unserved,
    damage,
    control: { failNextOperation },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Place {
  readonly dataDir: string;
  /** Below it: what only the embedded Azure reads. */
  readonly folder: string;
  fileFor(name: DatabaseFile): string;
  readonly stamp: Stamp;
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

/** A damaged file is no failed request: nothing that comes after it can be trusted. */
function watchFailures(
  options: LocalAzureOptions,
  stamp: Stamp,
): Pick<LocalAzure, 'damage'> & {
  readonly onDamage: (error: DataFolderError) => void;
  readonly onFailure: FailureListener;
} {
  const { promise: damage, resolve } = Promise.withResolvers<DataFolderError>();
  const onDamage = (error: DataFolderError): void => {
    stamp.distrust();
    resolve(error);
  };
  const onFailure: FailureListener = (error) => {
    if (error instanceof DataFolderError) onDamage(error);
    else options.onFailure?.(error);
  };
  return { damage, onDamage, onFailure };
}

async function startServers(
  options: LocalAzureOptions,
  place: Place,
  identity: Identity,
  parts: AsyncDisposableStack,
): Promise<
  Pick<LocalAzure, 'env' | 'ports' | 'unserved' | 'damage'> & {
    failNextOperation: (code: string, message: string) => void;
  }
> {
  const { host = '127.0.0.1', provisioningMs = DEFAULT_PROVISIONING_MS, quotaCores } = options;
  const { sync, entities = topologyEntities } = options;
  const { amqpKey, cosmosKey, armToken } = identity;
  const { damage, onDamage, onFailure } = watchFailures(options, place.stamp);
  const on = <Server>(name: keyof Ports, start: (port: number) => Promise<Server>) =>
    startOnPort(name, options.ports?.[name], identity.ports[name], start);

  // Before the servers, so that it is disposed when these have closed their files.
  parts.use(place.stamp);
  // Its thread takes a while to begin: the others start meanwhile.
  const cosmosStarting = on('cosmos', (port) => {
    const dataFile = place.fileFor('cosmos.sqlite');
    const { databases } = entities;
    return startCosmos({ host, port, key: cosmosKey, dataFile, sync, databases }, onFailure);
  });
  // Its failure is told below, when the others have started.
  const cosmosOrNone = cosmosStarting.catch(() => undefined);
  parts.defer(async () => (await cosmosOrNone)?.close());
  const arm = parts.use(
    await on('arm', (port) => {
      const files = {
        dataFile: place.fileFor('arm.sqlite'),
        certificateFolder: place.folder,
        sync,
      };
      const limits = { provisioningMs, quotaCores };
      return startArm({ host, port, token: armToken, ...files, ...limits, onFailure });
    }),
  );
  const amqp = parts.use(
    await on('amqp', (port) => {
      const dataFile = place.fileFor('amqp.sqlite');
      const key = { keyName: KEY_NAME, key: amqpKey };
      const durability = { sync, onDamage };
      return startAmqpServer({ host, port, ...key, dataFile, durability, entities: entities.amqp });
    }),
  );
  const cosmos = await cosmosStarting;
  place.stamp.open();
  return {
    ports: { amqp: amqp.port, cosmos: cosmos.port, arm: arm.port },
    unserved: amqp.unserved,
    damage,
    failNextOperation: (code, message) => arm.failNextOperation(code, message),
    env: {
      EVENTHUBS_CONNECTION_STRING: amqp.connectionString,
      SERVICEBUS_CONNECTION_STRING: amqp.connectionString,
      COSMOS_ENDPOINT: cosmos.endpoint,
      COSMOS_KEY: cosmosKey,
      ARM_ENDPOINT: arm.endpoint,
      ARM_TOKEN: armToken,
      NODE_EXTRA_CA_CERTS: arm.caFile,
    },
  };
}

/** A port that was asked for is another one's. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(server: keyof Ports, port: number, cause: unknown) {
    const message = `Port ${port} for ${server} is taken: give another one (--ports ${server}=N) or none.`;
    super(message, { cause });
  }
}

/** A given port is taken or it is an error; the last one is taken when it is free. */
async function startOnPort<Server>(
  name: keyof Ports,
  given: number | undefined,
  last: number | undefined,
  start: (port: number) => Promise<Server>,
): Promise<Server> {
  try {
    return await start(given ?? last ?? 0);
  } catch (error) {
    // Asked by its code, not its class: it may come from another thread.
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    if (given === undefined) return start(0);
    throw new PortTakenError(name, given, error);
  }
}
