import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { DataFolderError } from './folder/failures.ts';
import { isObject, parseJson } from './json.ts';

/** What clients need to reach the embedded Azure: the variables that env.json holds. */
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

/** From the env.json of the last start; new keys where there is none. */
export function loadIdentity(file: string): Identity {
  const known = readEnvironment(file);
  const connectionString = known['EVENTHUBS_CONNECTION_STRING'] ?? '';
  return {
    amqpKey: /SharedAccessKey=([^;]+)/.exec(connectionString)?.[1] ?? newKey(32),
    cosmosKey: known['COSMOS_KEY'] ?? newKey(64),
    armToken: known['ARM_TOKEN'] ?? randomBytes(32).toString('base64url'),
    ports: {
      ...portOf('amqp', connectionString.split(';')[0]?.replace('Endpoint=sb:', 'http:')),
      ...portOf('cosmos', known['COSMOS_ENDPOINT']),
      ...portOf('arm', known['ARM_ENDPOINT']),
    },
  };
}

function readEnvironment(file: string): Readonly<Record<string, string | undefined>> {
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
