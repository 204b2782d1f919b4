import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import type { CosmosStores } from '@headroom/azure-cosmos';
import type { EventHubs } from '@headroom/azure-event-hubs';
import type { Log, ScaleTarget } from '@headroom/ports';
import {
  cosmosAccount,
  eventHubsNamespace,
  readEnv,
  resourceManager,
  type Environment,
} from '@headroom/runtime';
import { cosmos } from '@headroom/topology';

/** The SDKs take a second to load: each command loads the ones that it uses. */
export async function openStores(env: Environment, log: Log): Promise<CosmosStores> {
  const { account } = readEnv('headroom', { account: cosmosAccount() }, env);
  const { connectCosmos } = await import('@headroom/azure-cosmos');
  return connectCosmos({ ...account, database: cosmos.database }, log);
}

export async function openEventHubs(env: Environment, log: Log): Promise<EventHubs> {
  const { namespace } = readEnv('headroom', { namespace: eventHubsNamespace() }, env);
  const { connectEventHubs } = await import('@headroom/azure-event-hubs');
  return connectEventHubs(namespace, log);
}

export async function openScaleTarget(env: Environment, log: Log): Promise<ScaleTarget> {
  const { connectArm } = await import('@headroom/azure-arm');
  return connectArm(armOptions(env), log);
}

/** How to reach ARM. The embedded one has a certificate of its own maker. */
export interface ArmAccess {
  readonly endpoint?: string;
  readonly token?: string;
  /** PEM: every authority that is trusted. */
  readonly ca?: string;
}

/**
 * This process began before the embedded Azure made its certificate, when `NODE_EXTRA_CA_CERTS` was read: so the
 * certificate goes to the client by itself, beside the authorities that are trusted anyway: a list of its own replaces them.
 */
export function armOptions(env: Environment): ArmAccess {
  const { arm } = readEnv('headroom', { arm: resourceManager() }, env);
  const path = env.NODE_EXTRA_CA_CERTS;
  if (path === undefined || path === '') return arm;
  return { ...arm, ca: [...getCACertificates(), readFileSync(path, 'utf8')].join('\n') };
}

/** Adapters' own log lines are for services; a command says itself what matters. */
export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
