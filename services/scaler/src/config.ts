import {
  cosmosAccount,
  eventHubsNamespace,
  healthAddress,
  readEnv,
  resourceManager,
  serviceBusNamespace,
} from '@headroom/runtime';
import type { Environment } from '@headroom/runtime';
import { limitWebhooks } from './limit-webhooks.ts';

export type ScalerConfig = ReturnType<typeof readConfig>;

/** Throws `EnvironmentError`, which names every variable that is missing or wrong. */
export function readConfig(env: Environment) {
  const entries = {
    eventHubs: eventHubsNamespace(),
    serviceBus: serviceBusNamespace(),
    cosmos: cosmosAccount(),
    resourceManager: resourceManager(),
    webhooks: limitWebhooks(),
    health: healthAddress(),
  };
  return readEnv('scaler', entries, env);
}
