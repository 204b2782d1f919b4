import { cosmosAccount, healthAddress, readEnv, serviceBusNamespace } from '@headroom/runtime';
import type { Environment } from '@headroom/runtime';

export type AuditConfig = ReturnType<typeof readConfig>;

/** Throws `EnvironmentError`, which names every variable that is missing or wrong. */
export function readConfig(env: Environment) {
  const entries = {
    serviceBus: serviceBusNamespace(),
    cosmos: cosmosAccount(),
    health: healthAddress(),
  };
  return readEnv('audit', entries, env);
}
