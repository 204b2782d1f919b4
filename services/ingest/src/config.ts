import {
  cosmosAccount,
  eventHubsNamespace,
  healthAddress,
  readEnv,
  serviceBusNamespace,
} from '@headroom/runtime';
import type { Environment } from '@headroom/runtime';

/** Goes into every decision. Raised when the same inputs may decide differently. */
const version = '0.2.0';

export type IngestConfig = ReturnType<typeof readConfig>;

/** Throws `EnvironmentError`, which names every variable that is missing or wrong. */
export function readConfig(env: Environment) {
  const entries = {
    eventHubs: eventHubsNamespace(),
    serviceBus: serviceBusNamespace(),
    cosmos: cosmosAccount(),
    health: healthAddress(),
  };
  // The time-zone data decides when a profile begins: other data is other code.
  const codeVersion = `${version}+tz${process.versions.tz ?? 'none'}`;
  return { ...readEnv('ingest', entries, env), codeVersion };
}
