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
    isSkipped: skipped(),
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

const skipShape =
  'ids of resources, separated by commas; one that ends in * stands for every id that begins so';

/** `POLL_SKIP`: resources whose metrics somebody pushes or exports; asked for as well they would count twice. */
function skipped() {
  return z
    .object({
      POLL_SKIP: z
        .string()
        .regex(/^\s*\/[^,]*(,\s*\/[^,]*)*$/, skipShape)
        .optional(),
    })
    .transform(({ POLL_SKIP = '' }) => {
      const ids = POLL_SKIP.split(',').map((id) => id.trim().toLowerCase().replace(/\/+$/, ''));
      const begins = ids.filter((id) => id.endsWith('*')).map((id) => id.slice(0, -1));
      const whole = new Set(ids);
      return (resource: string) =>
        whole.has(resource) || begins.some((begin) => resource.startsWith(begin));
    });
}
