import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { DataFolderError } from './folder/failures.ts';
import { MANAGED_IDENTITY_PATH } from './identity/managed-identity.ts';
import type { Tenant } from './identity/tenant.ts';
import { isObject, parseJson } from './json.ts';

/** What clients need to reach the embedded Azure with keys: the variables that env.json holds. */
export interface LocalAzureEnvironment {
  readonly EVENTHUBS_CONNECTION_STRING: string;
  readonly SERVICEBUS_CONNECTION_STRING: string;
  readonly COSMOS_ENDPOINT: string;
  /** Base64. */
  readonly COSMOS_KEY: string;
  readonly ARM_ENDPOINT: string;
  readonly ARM_TOKEN: string;
  /** Path of the certificate that signed the one of ARM_ENDPOINT. */
  readonly NODE_EXTRA_CA_CERTS: string;
}

/** What clients need to reach it with an identity and `DefaultAzureCredential`, as where keys are disabled. */
export interface IdentityEnvironment {
  readonly EVENTHUBS_NAMESPACE: string;
  readonly SERVICEBUS_NAMESPACE: string;
  readonly COSMOS_ENDPOINT: string;
  readonly ARM_ENDPOINT: string;
  /** Path of the certificate that signed those of all of them. */
  readonly NODE_EXTRA_CA_CERTS: string;
  readonly AZURE_AUTHORITY_HOST: string;
  /** `adfs`: of other tenants MSAL asks login.microsoftonline.com whether it trusts their authority. */
  readonly AZURE_TENANT_ID: string;
  readonly AZURE_CLIENT_ID: string;
  readonly AZURE_CLIENT_SECRET: string;
  /** For a managed identity instead of the application: without the four above. */
  readonly IDENTITY_ENDPOINT: string;
  readonly IDENTITY_HEADER: string;
}

export function identityEnvironment(
  { application, managedIdentity }: Tenant,
  ports: Ports,
  caFile: string,
): IdentityEnvironment {
  // By name: TLS names no address, and the SDKs ask for tokens for the name that they were given.
  const arm = `localhost:${ports.arm}`;
  return {
    EVENTHUBS_NAMESPACE: `localhost:${ports.amqp}`,
    SERVICEBUS_NAMESPACE: `localhost:${ports.amqp}`,
    COSMOS_ENDPOINT: `https://localhost:${ports.cosmos}/`,
    ARM_ENDPOINT: `https://${arm}`,
    NODE_EXTRA_CA_CERTS: caFile,
    AZURE_AUTHORITY_HOST: `https://${arm}`,
    AZURE_TENANT_ID: 'adfs',
    AZURE_CLIENT_ID: application.clientId,
    AZURE_CLIENT_SECRET: application.clientSecret,
    IDENTITY_ENDPOINT: `http://${arm}${MANAGED_IDENTITY_PATH}`,
    IDENTITY_HEADER: managedIdentity.header,
  };
}

export interface Ports {
  readonly amqp: number;
  readonly cosmos: number;
  readonly arm: number;
}

/** What is kept from start to start, so that clients find the same keys and the same ports. */
export interface Identity {
  readonly amqpKey: string;
  readonly cosmosKey: string;
  readonly armToken: string;
  readonly ports: Partial<Ports>;
}

/**
 * From the env.json of the last start; where that start refused keys, and its env.json has none, from `keptKeys`; new keys
 * where there is neither.
 */
export function loadIdentity(file: string, keptKeys: string): Identity {
  const known = readEnvironment(file);
  const kept = readEnvironment(keptKeys);
  const connectionString = known['EVENTHUBS_CONNECTION_STRING'] ?? '';
  return {
    amqpKey: sharedKeyIn(known) ?? sharedKeyIn(kept) ?? newKey(32),
    cosmosKey: known['COSMOS_KEY'] ?? kept['COSMOS_KEY'] ?? newKey(64),
    armToken: known['ARM_TOKEN'] ?? kept['ARM_TOKEN'] ?? randomBytes(32).toString('base64url'),
    ports: {
      ...portOf('amqp', `http://${known['EVENTHUBS_NAMESPACE'] ?? ''}`),
      ...portOf('amqp', connectionString.split(';')[0]?.replace('Endpoint=sb:', 'http:')),
      ...portOf('cosmos', known['COSMOS_ENDPOINT']),
      ...portOf('arm', known['ARM_ENDPOINT']),
    },
  };
}

type Variables = Readonly<Record<string, string | undefined>>;

function sharedKeyIn({ EVENTHUBS_CONNECTION_STRING: text = '' }: Variables): string | undefined {
  return /SharedAccessKey=([^;]+)/.exec(text)?.[1];
}

function readEnvironment(file: string): Variables {
  if (!existsSync(file)) return {};
  const value = parseJson(readFileSync(file, 'utf8'));
  if (!isObject(value)) {
    const message = `${file} is damaged: it is no JSON object. It is written whole at each start: restore it, or`;
    throw new DataFolderError(`${message} delete it to get new keys and ports.`);
  }
  const texts = Object.entries(value).filter(([, each]) => typeof each === 'string');
  return Object.fromEntries(texts) as Record<string, string>;
}

const newKey = (bytes: number): string => randomBytes(bytes).toString('base64');

function portOf(name: keyof Ports, url: string | undefined): Partial<Ports> {
  const port = url !== undefined && URL.canParse(url) ? Number(new URL(url).port) : 0;
  return port > 0 ? { [name]: port } : {};
}
