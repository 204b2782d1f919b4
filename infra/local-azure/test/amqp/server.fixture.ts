import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startAmqpServer } from '../../src/amqp/index.ts';
import type { AmqpEntities, AmqpOptions, AmqpServer } from '../../src/amqp/index.ts';

/** What the tests of this folder share: small entities, a data file that goes away, waiting. */
export const testEntities: AmqpEntities = {
  eventHubs: [{ name: 'metrics', partitions: 2, retentionHours: 1, consumerGroups: ['router'] }],
  topics: [
    {
      name: 'decisions',
      duplicateDetectionMinutes: 10,
      subscriptions: [
        { name: 'audit', maxDeliveryCount: 100, lockSeconds: 60 },
        {
          name: 'scale',
          maxDeliveryCount: 10,
          lockSeconds: 60,
          filter: "kind IN ('scale', 'read')",
          forwardTo: 'scale-commands',
        },
      ],
    },
  ],
  queues: [
    { name: 'scale-commands', maxDeliveryCount: 3, lockSeconds: 60 },
    { name: 'short-locks', maxDeliveryCount: 2, lockSeconds: 1 },
  ],
};

export interface TestFolder extends Disposable {
  readonly dataFile: string;
}

export function testFolder(): TestFolder {
  const folder = mkdtempSync(join(tmpdir(), 'amqp-'));
  return {
    dataFile: join(folder, 'amqp.sqlite'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function startTestServer(changes: Partial<AmqpOptions> = {}): Promise<AmqpServer> {
  return startAmqpServer({
    host: '127.0.0.1',
    port: 0,
    keyName: 'test',
    key: 'c2VjcmV0',
    dataFile: ':memory:',
    entities: testEntities,
    ...changes,
  });
}

/** A way to the server on which answers, and then the connections, get lost. */
export interface Relay extends Disposable {
  readonly port: number;
  /** From now on the clients that are connected hear nothing, but are heard. */
  mute(): void;
  /** Ends the connections; new ones work as at first. */
  cut(): void;
}

export async function startRelay(port: number): Promise<Relay> {
  const pairs = new Map<Socket, Socket>();
  const listener = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    pairs.set(client, server);
    client.on('error', () => undefined).on('close', () => server.destroy());
    server.on('error', () => undefined).on('close', () => client.destroy());
    client.pipe(server).pipe(client);
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const cut = (): void => {
    for (const client of pairs.keys()) client.destroy();
    pairs.clear();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    mute: () => {
      for (const [client, server] of pairs) server.unpipe(client).resume();
    },
    cut,
    [Symbol.dispose]: () => {
      cut();
      listener.close();
    },
  };
}

/** Waits until `check` holds, 10 s at most; fails with `what` otherwise. */
export async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`Waited 10 s in vain for: ${what}`);
    await delay(10);
  }
}
