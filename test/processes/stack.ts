import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCosmos } from '@headroom/azure-cosmos';
import type { CosmosStores } from '@headroom/azure-cosmos';
import { connectEventHubs } from '@headroom/azure-event-hubs';
import type { EventHubs } from '@headroom/azure-event-hubs';
import { connectServiceBus } from '@headroom/azure-service-bus';
import type { ServiceBus } from '@headroom/azure-service-bus';
import { defaultPolicy } from '@headroom/core';
import { cosmosAccount, enterAs, eventHubsNamespace } from '@headroom/runtime';
import { readEnv, serviceBusNamespace } from '@headroom/runtime';
import { cosmos } from '@headroom/topology';
import { Child } from './child.ts';
import { armSetting, targetOf } from './fleet.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The embedded Azure as a process of its own, with clients of ours, in a folder that goes with it. */
export class Stack implements AsyncDisposable {
  readonly env: Record<string, string>;
  readonly hubs: EventHubs;
  readonly bus: ServiceBus;
  readonly stores: CosmosStores;
  readonly #azure: Child;
  readonly #folder: string;

  private constructor(azure: Child, folder: string, env: Record<string, string>) {
    this.#azure = azure;
    this.#folder = folder;
    this.env = { ...env, LOG_LEVEL: 'info' };
    enterAs(env);
    const entries = {
      hubs: eventHubsNamespace(),
      bus: serviceBusNamespace(),
      account: cosmosAccount(),
    };
    const { hubs, bus, account } = readEnv('the stack', entries, env);
    this.hubs = connectEventHubs(hubs, quiet);
    this.bus = connectServiceBus(bus, quiet);
    this.stores = connectCosmos({ ...account, database: cosmos.database }, quiet);
  }

  /** `args` go to the embedded Azure. */
  static async start(...args: readonly string[]): Promise<Stack> {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-stack-'));
    const azure = new Child(
      'local-azure',
      'infra/local-azure/src/main.ts',
      ['--data', folder, ...args],
      {},
    );
    await azure.line(/"ready":true/);
    const env = JSON.parse(readFileSync(join(folder, 'env.json'), 'utf8')) as Record<
      string,
      string
    >;
    return new Stack(azure, folder, env);
  }

  /** Puts `count` settings to work, through the store that `headroom apply` writes to. */
  async applySettings(count: number): Promise<void> {
    const width = 32;
    let next = 0;
    const worker = async () => {
      for (let index = next++; index < count; index = next++) {
        const target = targetOf(index);
        const document = armSetting(index);
        const write = {
          target,
          id: `setting-${index}`,
          expected: 0,
          document,
          policy: defaultPolicy,
          overrides: [],
        };
        await this.stores.settings.write(write);
      }
    };
    await Promise.all(Array.from({ length: width }, worker));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hubs.close();
    await this.bus.close();
    this.stores.close();
    await this.#azure.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
