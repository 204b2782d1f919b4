import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TokenCheck } from '../identity/token-check.ts';
import type { ServerCertificate } from '../tls/first-byte.ts';
import { serveTlsToo } from '../tls/first-byte.ts';
import { LinkRouter } from './endpoint/link-router.ts';
import type { AmqpEntities } from './entities.ts';
import { EventHub } from './event-hub/event-hub.ts';
import { EventStore } from './event-hub/event-store.ts';
import { Journal } from './journal/journal.ts';
import type { JournalOptions } from './journal/journal.ts';
import { Timers } from './journal/timers.ts';
import { Connection } from './protocol/connection.ts';
import type { ConnectionHandler } from './protocol/connection.ts';
import { BusStore } from './service-bus/bus-store.ts';
import { Bus } from './service-bus/bus.ts';
import { unservedEntities } from './unserved.ts';

const DEFAULT_MAX_ENTITY_BYTES = 1024 ** 3;
const MAX_CONNECTIONS = 1000;
/** How often retention, forgotten message ids and expired tokens are looked after. */
const HOUSEKEEPING_MS = 10_000;

export interface AmqpOptions {
  /** A loopback address. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly keyName: string;
  readonly key: string;
  /** Shared keys and signatures are refused: only tokens let in. */
  readonly disableLocalAuth?: boolean | undefined;
  /** Checks tokens of the local issuer; without it only the key lets in. */
  readonly tokens?: TokenCheck | undefined;
  /** For TLS on the same port. */
  readonly certificate?: ServerCertificate | undefined;
  /** A SQLite file, made at the first start, or ':memory:'. */
  readonly dataFile: string;
  readonly entities: AmqpEntities;
  /** What an acknowledgement survives, and who is told of a damaged file. */
  readonly durability?: JournalOptions;
  /** Epoch milliseconds; the machine's clock unless given. */
  readonly clock?: () => number;
  /** How often retention and expired tokens are looked after; 10 s unless given. */
  readonly housekeepingMs?: number;
  /** Size quota of each queue and subscription; 1 GiB unless given. */
  readonly maxEntityBytes?: number;
}

export interface AmqpServer extends AsyncDisposable {
  readonly port: number;
  /** For the clients of both Event Hubs and Service Bus. */
  readonly connectionString: string;
  /** Kept from earlier starts, but not among the entities. */
  readonly unserved: readonly string[];
  /** Ends every connection; what was acknowledged is on disk. */
  close(): Promise<void>;
}

/**
 * Serves Event Hubs and Service Bus over AMQP 1.0 on one port. Rejects when the port is taken, or
 * the data file was made for other entities.
 */
export async function startAmqpServer(options: AmqpOptions): Promise<AmqpServer> {
  const journal = new Journal(options.dataFile, options.durability);
  try {
    const broker = makeBroker(options, journal);
    const server = createServer();
    acceptConnections(server, broker);
    const sockets = serveTlsToo(server, options.certificate);
    await listen(server, options);
    const unserved = unservedEntities(journal.db, options.entities);
    return runningServer(options, server, unserved, async () => {
      broker.stop();
      for (const connection of broker.connections) connection.destroy();
      sockets[Symbol.dispose]();
      await closed(server);
      journal.close();
    });
  } catch (error) {
    journal.close();
    throw error;
  }
}

interface Broker {
  readonly router: LinkRouter;
  readonly connections: Set<Connection>;
  readonly clock: () => number;
  stop(): void;
}

function makeBroker(options: AmqpOptions, journal: Journal): Broker {
  const clock = options.clock ?? Date.now;
  const timers = new Timers(clock);
  const logs = { store: new EventStore(journal.db), journal, clock };
  const hubs = new Map<string, EventHub>();
  for (const config of options.entities.eventHubs) {
    hubs.set(config.name.toLowerCase(), new EventHub(config, logs));
  }
  const maxEntityBytes = options.maxEntityBytes ?? DEFAULT_MAX_ENTITY_BYTES;
  const services = { journal, timers, clock, maxEntityBytes };
  const bus = new Bus(options.entities, new BusStore(journal.db), services);
  const connections = new Set<Connection>();
  const housekeeping = setInterval(() => {
    for (const connection of connections) connection.endUnauthorized(clock());
    for (const hub of hubs.values()) hub.trim();
    bus.forgetOldIds();
  }, options.housekeepingMs ?? HOUSEKEEPING_MS);
  housekeeping.unref();
  const { keyName, key, disableLocalAuth = false, tokens } = options;
  const access = { tokens, ...(disableLocalAuth ? {} : { shared: { keyName, key } }) };
  return {
    router: new LinkRouter({ hubs, bus, access, clock }),
    connections,
    clock,
    stop: () => {
      clearInterval(housekeeping);
      timers.close();
    },
  };
}

function acceptConnections(server: Server, { router, connections, clock }: Broker): void {
  const handler: ConnectionHandler = {
    onSenderLink: (link) => router.onSenderLink(link),
    onReceiverLink: (link) => router.onReceiverLink(link),
    onClosed: (connection) => connections.delete(connection),
  };
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket: Socket) => {
    connections.add(new Connection(socket, handler, clock()));
  });
}

function runningServer(
  options: AmqpOptions,
  server: Server,
  unserved: readonly string[],
  stop: () => Promise<void>,
): AmqpServer {
  // A server that listens on TCP has an address object.
  const { port } = server.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  const close = (): Promise<void> => (stopping ??= stop());
  return {
    port,
    connectionString:
      `Endpoint=sb://${options.host}:${port};SharedAccessKeyName=${options.keyName};` +
      `SharedAccessKey=${options.key};UseDevelopmentEmulator=true;`,
    unserved,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, { host, port }: AmqpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
