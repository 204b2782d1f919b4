import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AmqpEntities, AmqpServer } from '@headroom/local-azure';
import { startAmqpServer } from '@headroom/local-azure';

/** The AMQP half of the embedded Azure with entities of the suite's own, so that each test has fresh ones. */
export interface Broker {
  readonly connectionString: string;
  /** As after a crash: the same data and port, every connection gone. `whileDown` runs in between. */
  restart(whileDown?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export async function startBroker(entities: AmqpEntities): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-amqp-'));
  const dataFile = join(folder, 'amqp.sqlite');
  const identity = { keyName: 'test', key: randomBytes(32).toString('base64') };
  const start = (port: number): Promise<AmqpServer> =>
    startAmqpServer({ host: '127.0.0.1', port, ...identity, dataFile, entities });
  let server = await start(0);
  return {
    connectionString: server.connectionString,
    restart: async (whileDown) => {
      const { port } = server;
      await server.close();
      await whileDown?.();
      server = await start(port);
    },
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
