import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startAmqpServer } from './amqp/index.ts';
import type { ArmControl } from './arm/index.ts';
import { startArm } from './arm/index.ts';
import { startCosmos } from './cosmos/index.ts';
import type { Identity, LocalAzureEnvironment, Ports } from './environment.ts';
import { loadIdentity } from './environment.ts';
import { amqpEntities, cosmosDatabases } from './entities.ts';
import type { FailureListener } from './http.ts';
import { writeFileAtomically } from './files.ts';
import { lockFolder } from './lock.ts';

export interface LocalAzureOptions {
  /** Holds env.json and, below `azure`, everything that is kept. */
  readonly dataDir: string;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** Those of the last start unless given, or free ones. */
  readonly ports?: Partial<Ports>;
  /** How long an operation of Azure Resource Manager runs: 8 s unless given. */
  readonly provisioningMs?: number;
  /** Cores that a subscription's deployments may use together in a region; no limit unless given. */
  readonly quotaCores?: number;
  /** Subscriptions that are listed before anything is in them: one unless given. */
  readonly subscriptions?: readonly string[];
  /** Told of errors that became an answer 500. */
  readonly onFailure?: FailureListener;
}

export interface LocalAzure extends AsyncDisposable {
  readonly env: LocalAzureEnvironment;
  readonly ports: Ports;
  /** For tests. */
  readonly control: ArmControl;
  close(): Promise<void>;
}

const DEFAULT_PROVISIONING_MS = 8_000;
const KEY_NAME = 'RootManageSharedAccessKey';

/**
 * Starts Event Hubs and Service Bus, Cosmos DB and Azure Resource Manager on loopback. Keys are made
 * at the first start; keys and ports are kept in `env.json`, so that clients find a restarted one
 * again. A second process on one folder is refused (`FolderInUseError`).
 */
export async function startLocalAzure(options: LocalAzureOptions): Promise<LocalAzure> {
  const dataDir = resolve(options.dataDir);
  const folder = join(dataDir, 'azure');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await using parts = new AsyncDisposableStack();
  parts.use(lockFolder(folder));
  const environmentFile = join(dataDir, 'env.json');
  const identity = loadIdentity(environmentFile);
  const servers = await startServers(options, folder, identity, parts);
  const { env, ports, control } = servers;
  writeFileAtomically(environmentFile, `${JSON.stringify(env, null, 2)}\n`);
  // From here on the caller ends what was started.
  const owned = parts.move();
  const close = (): Promise<void> => owned.disposeAsync();
  return { env, ports, control, close, [Symbol.asyncDispose]: close };
}

async function startServers(
  options: LocalAzureOptions,
  folder: string,
  identity: Identity,
  parts: AsyncDisposableStack,
): Promise<{
  env: LocalAzureEnvironment;
  ports: Ports;
  control: ArmControl;
}> {
  const {
    host = '127.0.0.1',
    provisioningMs = DEFAULT_PROVISIONING_MS,
    quotaCores,
    subscriptions,
    onFailure,
  } = options;
  const { amqpKey, cosmosKey, armToken } = identity;
  const on = <Server>(name: keyof Ports, start: (port: number) => Promise<Server>) =>
    startOnPort(name, options.ports?.[name], identity.ports[name], start);

  const cosmos = parts.use(
    await on('cosmos', (port) => {
      const dataFile = join(folder, 'cosmos.sqlite');
      const databases = cosmosDatabases;
      return startCosmos({ host, port, key: cosmosKey, dataFile, databases }, onFailure);
    }),
  );
  const arm = parts.use(
    await on('arm', (port) => {
      const files = { dataFile: join(folder, 'arm.sqlite'), certificateFolder: folder };
      return startArm({
        host,
        port,
        token: armToken,
        ...files,
        provisioningMs,
        quotaCores,
        subscriptions,
        onFailure,
      });
    }),
  );
  const amqp = parts.use(
    await on('amqp', (port) => {
      const dataFile = join(folder, 'amqp.sqlite');
      const key = { keyName: KEY_NAME, key: amqpKey };
      return startAmqpServer({ host, port, ...key, dataFile, entities: amqpEntities });
    }),
  );
  return {
    ports: { amqp: amqp.port, cosmos: cosmos.port, arm: arm.port },
    control: arm.control,
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
    const message = `Port ${given} for ${name} is taken: give another one (--${name}-port) or none.`;
    throw new Error(message, { cause: error });
  }
}
