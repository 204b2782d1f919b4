import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { identityVariables } from './azure-variables.ts';
import type { Environment } from './env.ts';

/**
 * Lets this process use Azure as `env` says: `DefaultAzureCredential` reads the process's own
 * variables, and Node reads NODE_EXTRA_CA_CERTS when it starts. A process that finds out later where
 * Azure is calls this before it connects; one that was started with these variables need not.
 */
export function enterAs(env: Environment): void {
  for (const name of identityVariables) {
    if (env[name] !== undefined) process.env[name] = env[name];
  }
  const file = env.NODE_EXTRA_CA_CERTS;
  if (file === undefined || file === '' || file === process.env.NODE_EXTRA_CA_CERTS) return;
  const known = getCACertificates();
  const authority = readFileSync(file, 'utf8').trim();
  if (known.some((each) => each.trim() === authority)) return;
  setDefaultCACertificates([...known, authority]);
}
