import { z } from 'zod';
import { pricePerThousandCalls } from '@headroom/collector';
import {
  cosmosAccount,
  eventHubsNamespace,
  healthAddress,
  readEnv,
  resourceManager,
} from '@headroom/runtime';
import type { Environment } from '@headroom/runtime';

export type PollerConfig = ReturnType<typeof readConfig>;

/** Throws `EnvironmentError`, which names every variable that is missing or wrong. */
export function readConfig(env: Environment) {
  const entries = {
    eventHubs: eventHubsNamespace(),
    cosmos: cosmosAccount(),
    resourceManager: resourceManager(),
    price: price(),
    health: healthAddress(),
  };
  return readEnv('poller', entries, env);
}

const priceShape =
  'what a thousand calls of Azure Monitor’s metrics cost you, a number such as 0.01';

/** `METRIC_CALLS_PRICE`: prices differ by region and contract. Used for the estimate alone. */
function price() {
  return z
    .object({
      METRIC_CALLS_PRICE: z
        .string()
        .regex(/^\d{1,6}(\.\d{1,6})?$/, priceShape)
        .optional(),
    })
    .transform(({ METRIC_CALLS_PRICE: given }) =>
      given === undefined ? pricePerThousandCalls : Number(given),
    );
}
