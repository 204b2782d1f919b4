import { cosmosAccount, eventHubsNamespace, healthAddress, readEnv } from '@headroom/runtime';
import type { Environment } from '@headroom/runtime';
import { gatewayAccounts } from './config/accounts.ts';
import { gatewayAddress } from './config/address.ts';
import { gatewayClients } from './config/clients.ts';
import { gatewayManagement } from './config/management.ts';

export type GatewayConfig = ReturnType<typeof readConfig>;

/** Throws `EnvironmentError`, which names every variable that is missing or wrong. */
export function readConfig(env: Environment) {
  const entries = {
    accounts: gatewayAccounts(),
    clients: gatewayClients(),
    address: gatewayAddress(),
    management: gatewayManagement(),
    eventHubs: eventHubsNamespace(),
    cosmos: cosmosAccount(),
    health: healthAddress(),
  };
  return readEnv('gateway', entries, env);
}
