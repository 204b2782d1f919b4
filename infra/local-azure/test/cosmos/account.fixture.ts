import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, ContainerRequest } from '@azure/cosmos';
import { CosmosClient } from '@azure/cosmos';
import type { CosmosOptions, CosmosServer } from '../../src/cosmos/server.ts';
import { serveCosmos } from '../../src/cosmos/server.ts';

/** An account for tests: the real SDK in front, a clock that the test moves. */
export interface TestAccount {
  readonly client: CosmosClient;
  readonly key: string;
  readonly endpoint: string;
  /** Moves the server's clock. */
  advance(ms: number): void;
  /** Ends the server and starts another one on the same file and port. */
  restart(): Promise<void>;
  container(definition: ContainerRequest): Promise<Container>;
  close(): Promise<void>;
}

export async function startTestAccount(
  options: Pick<CosmosOptions, 'requestUnitsPerSecond'> = {},
): Promise<TestAccount> {
  const folder = await mkdtemp(join(tmpdir(), 'cosmos-'));
  const key = randomBytes(64).toString('base64');
  const dataFile = join(folder, 'cosmos.sqlite');
  let now = Date.now();
  const start = (port: number): Promise<CosmosServer> =>
    serveCosmos({ host: '127.0.0.1', port, key, dataFile, ...options }, () => now);
  let server = await start(0);
  const client = new CosmosClient({ endpoint: server.endpoint, key });
  return {
    client,
    key,
    endpoint: server.endpoint,
    advance: (ms) => {
      now += ms;
    },
    restart: async () => {
      const { port } = server;
      await server.close();
      server = await start(port);
      // A read is retried by the SDK: afterwards no connection of the old server is left in its pool.
      await client.database('headroom').read();
    },
    container: async (definition) => {
      const { database } = await client.databases.createIfNotExists({ id: 'headroom' });
      return (await database.containers.createIfNotExists(definition)).container;
    },
    close: async () => {
      client.dispose();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The status code that the call fails with. */
export async function statusOf(call: Promise<unknown>): Promise<number | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return (error as { code?: number }).code;
  }
}
