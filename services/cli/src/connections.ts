import type { CosmosStores } from '@headroom/azure-cosmos';
import type { EventHubs } from '@headroom/azure-event-hubs';
import type { Log, ScaleTarget } from '@headroom/ports';
import {
  cosmosAccount,
  enterAs,
  eventHubsNamespace,
  localEnvironment,
  readEnv,
  resourceManager,
  type Environment,
  type ResourceManager,
} from '@headroom/runtime';
import { cosmos } from '@headroom/topology';
import type { ExitCode, Surroundings } from './surroundings.ts';

/** The SDKs take a second to load: each command loads the ones that it uses. */
export async function openStores(env: Environment, log: Log): Promise<CosmosStores> {
  enterAs(env);
  const { account } = readEnv('headroom', { account: cosmosAccount() }, env);
  const { connectCosmos } = await import('@headroom/azure-cosmos');
  return connectCosmos({ ...account, database: cosmos.database }, log);
}

/** The stores of the system in `data`, for as long as the work takes. */
export async function withStores(
  data: string,
  { env }: Pick<Surroundings, 'env'>,
  work: (stores: CosmosStores) => Promise<ExitCode>,
): Promise<ExitCode> {
  const stores = await openStores(localEnvironment(data, env), silentLog);
  try {
    return await work(stores);
  } finally {
    stores.close();
  }
}

export async function openEventHubs(env: Environment, log: Log): Promise<EventHubs> {
  enterAs(env);
  const { namespace } = readEnv('headroom', { namespace: eventHubsNamespace() }, env);
  const { connectEventHubs } = await import('@headroom/azure-event-hubs');
  return connectEventHubs(namespace, log);
}

export async function openScaleTarget(env: Environment, log: Log): Promise<ScaleTarget> {
  const { connectArm } = await import('@headroom/azure-arm');
  return connectArm(armOptions(env), log);
}

/** How to reach ARM. */
export function armOptions(env: Environment): ResourceManager {
  enterAs(env);
  return readEnv('headroom', { arm: resourceManager() }, env).arm;
}

/** Adapters' own log lines are for services; a command says itself what matters. */
export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
