import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { azurePrefixes, identityVariables } from './azure-variables.ts';
import type { Environment } from './env.ts';

export const environmentFileName = 'env.json';

/** There is no running system to talk to, or its file cannot be trusted or read. */
export class LocalEnvironmentError extends Error {
  override readonly name = 'LocalEnvironmentError';
  readonly path: string;

  constructor(path: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.path = path;
  }
}

/**
 * The environment, completed from `<dataDir>/env.json` where a local system keeps its endpoints
 * and keys. The environment wins; variables of one Azure service (`COSMOS_…`) come from one place
 * only, so that no key is sent to another account's endpoint. A local ARM_ENDPOINT keeps its own
 * authority, whatever others the machine's environment names; a local system's identity is taken where
 * everything is local, and never sent elsewhere. Throws `LocalEnvironmentError`.
 */
export function localEnvironment(dataDir: string, env: Environment = process.env): Environment {
  const path = join(dataDir, environmentFileName);
  const given = azurePrefixes.filter((prefix) => names(env, prefix));
  const file = readEnvironmentFile(path);
  if (file !== undefined) {
    const identity = given.length === 0 ? identityOf(file) : {};
    return { ...withoutPrefixes(file, given), ...env, ...authorityOf(file, given), ...identity };
  }
  if (given.length > 0) return env;
  throw new LocalEnvironmentError(path, nothingRuns(dataDir));
}

/**
 * The same for what needs Azure alone, and nothing of Headroom's: where no local system is and the environment names nothing,
 * Azure itself is meant, entered by whoever is signed in.
 */
export function azureEnvironment(dataDir: string, env: Environment = process.env): Environment {
  const isLocal = readEnvironmentFile(join(dataDir, environmentFileName)) !== undefined;
  return isLocal ? localEnvironment(dataDir, env) : env;
}

/** What the file holds; `undefined` when it is not there. */
export function readEnvironmentFile(path: string): Environment | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  refuseShared(path);
  try {
    return fileShape.parse(JSON.parse(text));
  } catch (cause) {
    const remedy = 'It is written when the local system starts: start it again.';
    const message = `${path} does not hold a JSON object of texts. ${remedy}`;
    throw new LocalEnvironmentError(path, message, cause);
  }
}

const fileShape = z.record(z.string(), z.string());
/** Read or write permission of anybody but the owner. */
const othersMask = 0o077;

function names(env: Environment, prefix: string): boolean {
  return Object.entries(env).some(([name, value]) => name.startsWith(prefix) && isSet(value));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function withoutPrefixes(file: Environment, prefixes: readonly string[]): Environment {
  const foreign = (name: string) =>
    identityNames.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(file).filter(([name]) => !foreign(name)));
}

const identityNames: ReadonlySet<string> = new Set(identityVariables);

function identityOf(file: Environment): Environment {
  return Object.fromEntries(Object.entries(file).filter(([name]) => identityNames.has(name)));
}

const authorityVariable = 'NODE_EXTRA_CA_CERTS';

function authorityOf(file: Environment, given: readonly string[]): Environment {
  const authority = file[authorityVariable];
  const ownArm = given.includes('ARM_');
  return ownArm || authority === undefined ? {} : { [authorityVariable]: authority };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LocalEnvironmentError(path, `${path} cannot be read: ${String(cause)}`, cause);
  }
}

/** The file holds keys. Windows has no such mode; its folders belong to their user. */
function refuseShared(path: string): void {
  if (process.platform === 'win32') return;
  if ((statSync(path).mode & othersMask) === 0) return;
  const remedy = `Make it yours alone: chmod 600 ${path}`;
  const message = `${path} holds keys and can be read by others. ${remedy}`;
  throw new LocalEnvironmentError(path, message);
}

function nothingRuns(dataDir: string): string {
  return [
    `Nothing to talk to: ${dataDir} holds no running system and the environment names no Azure.`,
    'Start one here with "npm start" (or "headroom up --data DIR" and the same --data),',
    'or set COSMOS_ENDPOINT, EVENTHUBS_NAMESPACE and SERVICEBUS_NAMESPACE to use Azure.',
  ].join('\n');
}
