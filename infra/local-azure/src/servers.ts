import { randomBytes } from 'node:crypto';
import { startAmqpServer } from './amqp/index.ts';
import type { AmqpServer } from './amqp/index.ts';
import type { ArmControl, ArmServer, RequestWitness } from './arm/index.ts';
import { startArm } from './arm/index.ts';
import { startCosmos } from './cosmos/index.ts';
import type { CosmosServer } from './cosmos/index.ts';
import type { LocalEntities } from './entities.ts';
import { topologyEntities } from './entities.ts';
import type { Identity, IdentityEnvironment, LocalAzureEnvironment, Ports } from './environment.ts';
import { identityEnvironment } from './environment.ts';
import type { Sync } from './folder/database.ts';
import { DataFolderError } from './folder/failures.ts';
import type { DatabaseFile, Stamp } from './folder/format.ts';
import type { FailureListener } from './http.ts';
import { openSignIn } from './identity/index.ts';
import { loadCertificates } from './tls/certificates.ts';

export interface ServerOptions {
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
  /** Cores that a subscription's deployments may use together in a region; no limit unless given. */
  readonly quotaCores?: number;
  /** Of Cosmos DB: answers 429 to what is above; no limit unless given. */
  readonly requestUnitsPerSecond?: number;
  /** Subscriptions that are listed before anything is in them: one unless given. */
  readonly subscriptions?: readonly string[];
  /** Azure's own switch: keys, signatures and ARM_TOKEN are refused, and env.json names an identity instead. */
  readonly disableLocalAuth?: boolean;
  /** Told of errors that became an answer 500. */
  readonly onFailure?: FailureListener;
  /** Told of each request to Azure Resource Manager, Azure Monitor and the token endpoint. */
  readonly onRequest?: RequestWitness;
}

/** Where a start keeps its files. */
export interface Place {
  readonly dataDir: string;
  /** Below it: what only the embedded Azure reads. */
  readonly folder: string;
  fileFor(name: DatabaseFile): string;
  readonly stamp: Stamp;
}

export interface Served {
  /** With keys. */
  readonly env: LocalAzureEnvironment;
  /** Instead of `ARM_TOKEN` where nothing may be written, for this start only. */
  readonly readerToken: string;
  /** With an identity: works whether keys are disabled or not. */
  readonly identityEnv: IdentityEnvironment;
  readonly ports: Ports;
  /** What an earlier start served and the folder keeps, though it is not among the entities now. */
  readonly unserved: readonly string[];
  /** Resolves when a damaged page was met: what is answered from then on cannot be trusted. */
  readonly damage: Promise<DataFolderError>;
  /** For tests. */
  readonly control: ArmControl;
}

const DEFAULT_PROVISIONING_MS = 8_000;
const KEY_NAME = 'RootManageSharedAccessKey';

/** Starts the three servers, each a part that the caller ends. */
export async function startServers(
  options: ServerOptions,
  place: Place,
  identity: Identity,
  parts: AsyncDisposableStack,
): Promise<Served> {
  const { host = '127.0.0.1', provisioningMs = DEFAULT_PROVISIONING_MS } = options;
  const { sync, disableLocalAuth, quotaCores, subscriptions } = options;
  const { requestUnitsPerSecond, entities = topologyEntities } = options;
  const { amqpKey, cosmosKey, armToken } = identity;
  const readerToken = randomBytes(32).toString('base64url');
  const certificates = await loadCertificates(place.folder, Date.now());
  const { tenant, authority, tokens, trustedIssuer } = await openSignIn(place.folder, Date.now);
  const { certificate, privateKey } = certificates;
  const secure = { disableLocalAuth, certificate: { certificate, privateKey } };
  const { damage, onDamage, onFailure } = watchForDamage(options, place);
  const on = <Server>(name: keyof Ports, start: (port: number) => Promise<Server>) =>
    startOnPort(name, options.ports?.[name], identity.ports[name], start);

  // Before the servers, so that it is disposed when these have closed their files.
  parts.use(place.stamp);
  // Its thread takes a while to begin: the others start meanwhile.
  const cosmosStarting = on('cosmos', (port) => {
    const access = { key: cosmosKey, trustedIssuer, ...secure };
    const files = { dataFile: place.fileFor('cosmos.sqlite'), sync };
    const content = { databases: entities.databases, requestUnitsPerSecond };
    return startCosmos({ host, port, ...access, ...files, ...content }, onFailure);
  });
  // Its failure is told below, when the others have started.
  const cosmosOrNone = cosmosStarting.catch(() => undefined);
  parts.defer(async () => (await cosmosOrNone)?.close());
  const arm = parts.use(
    await on('arm', (port) => {
      const staticToken = disableLocalAuth === true ? undefined : armToken;
      const access = { authority, tokens, staticToken, readerToken };
      const files = { dataFile: place.fileFor('arm.sqlite'), sync };
      const limits = { provisioningMs, quotaCores, subscriptions };
      const listeners = { onFailure, onRequest: options.onRequest };
      return startArm({ host, port, access, certificates, ...files, ...limits, ...listeners });
    }),
  );
  const amqp = parts.use(
    await on('amqp', (port) => {
      const access = { keyName: KEY_NAME, key: amqpKey, tokens, ...secure };
      const files = { dataFile: place.fileFor('amqp.sqlite'), durability: { sync, onDamage } };
      return startAmqpServer({ host, port, ...access, ...files, entities: entities.amqp });
    }),
  );
  const cosmos = await cosmosStarting;
  place.stamp.open();
  const ports = { amqp: amqp.port, cosmos: cosmos.port, arm: arm.port };
  return {
    ports,
    unserved: amqp.unserved,
    damage,
    identityEnv: identityEnvironment(tenant, ports, arm.caFile),
    control: arm.control,
    readerToken,
    env: keyEnvironment({ amqp, cosmos, arm }, identity),
  };
}

interface Servers {
  readonly amqp: AmqpServer;
  readonly cosmos: CosmosServer;
  readonly arm: ArmServer;
}

function keyEnvironment(
  { amqp, cosmos, arm }: Servers,
  { cosmosKey, armToken }: Identity,
): LocalAzureEnvironment {
  return {
    EVENTHUBS_CONNECTION_STRING: amqp.connectionString,
    SERVICEBUS_CONNECTION_STRING: amqp.connectionString,
    COSMOS_ENDPOINT: cosmos.endpoint,
    COSMOS_KEY: cosmosKey,
    ARM_ENDPOINT: arm.endpoint,
    ARM_TOKEN: armToken,
    NODE_EXTRA_CA_CERTS: arm.caFile,
  };
}

interface DamageWatch {
  /** Resolves at the first damaged page. */
  readonly damage: Promise<DataFolderError>;
  readonly onDamage: (error: DataFolderError) => void;
  readonly onFailure: FailureListener;
}

/** A damaged page is no failure of one request: nothing that follows can be trusted. */
function watchForDamage(options: ServerOptions, place: Place): DamageWatch {
  const { promise: damage, resolve } = Promise.withResolvers<DataFolderError>();
  const onDamage = (error: DataFolderError): void => {
    place.stamp.distrust();
    resolve(error);
  };
  const onFailure: FailureListener = (error) => {
    if (error instanceof DataFolderError) onDamage(error);
    else options.onFailure?.(error);
  };
  return { damage, onDamage, onFailure };
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
