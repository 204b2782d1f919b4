import { z } from 'zod';
import { urlText } from './variables.ts';

/**
 * Where Azure's services are found, by variable. Without a connection string or key the process
 * uses its managed identity (or whoever is signed in). Azure and the embedded one are read alike.
 */

/** A connection string, or a namespace that is entered by identity. */
export type Namespace =
  { readonly connectionString: string } | { readonly fullyQualifiedNamespace: string };

export interface CosmosAccount {
  readonly endpoint: string;
  readonly key?: string;
}

export interface ResourceManager {
  /** Azure's public one when absent. */
  readonly endpoint?: string;
  /** A fixed token: the embedded Azure's. */
  readonly token?: string;
}

/** The prefixes of variables that belong together: an endpoint and its key come from one place. */
export const azurePrefixes = ['EVENTHUBS_', 'SERVICEBUS_', 'COSMOS_', 'ARM_'] as const;

/** What names the identity that `DefaultAzureCredential` takes, and where it signs in. */
export const identityVariables = [
  'AZURE_AUTHORITY_HOST',
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
] as const;

export function eventHubsNamespace() {
  return namespace('EVENTHUBS_CONNECTION_STRING', 'EVENTHUBS_NAMESPACE');
}

export function serviceBusNamespace() {
  return namespace('SERVICEBUS_CONNECTION_STRING', 'SERVICEBUS_NAMESPACE');
}

export function cosmosAccount() {
  const endpoint = urlText('the account’s address, https://NAME.documents.azure.com:443/');
  return z
    .object({ COSMOS_ENDPOINT: endpoint, COSMOS_KEY: z.string().optional() })
    .transform(({ COSMOS_ENDPOINT, COSMOS_KEY }): CosmosAccount =>
      COSMOS_KEY === undefined
        ? { endpoint: COSMOS_ENDPOINT }
        : { endpoint: COSMOS_ENDPOINT, key: COSMOS_KEY },
    );
}

export function resourceManager() {
  const endpoint = urlText('an address such as https://management.azure.com');
  return z
    .object({ ARM_ENDPOINT: endpoint.optional(), ARM_TOKEN: z.string().optional() })
    .transform(({ ARM_ENDPOINT, ARM_TOKEN }): ResourceManager => ({
      ...(ARM_ENDPOINT === undefined ? {} : { endpoint: ARM_ENDPOINT }),
      ...(ARM_TOKEN === undefined ? {} : { token: ARM_TOKEN }),
    }));
}

const connectionStringShape = 'a connection string that begins with Endpoint=sb://HOST/;';
const namespaceShape = 'a namespace (NAME.servicebus.windows.net, entered by identity)';
/** With a port where it is not Azure's: `localhost:5671`. */
const namespacePattern = /^([\w-]+(\.[\w-]+)+(:\d{1,5})?|localhost:\d{1,5})$/;

function namespace(connectionString: string, host: string) {
  const expected = `${connectionStringShape}, or ${host} with ${namespaceShape}`;
  return z
    .object({
      [connectionString]: z
        .string()
        .regex(/^Endpoint=sb:\/\/[^;]+/i, expected)
        .optional(),
      [host]: z.string().regex(namespacePattern, namespaceShape).optional(),
    })
    .transform((env, context): Namespace => {
      const [text, name] = [env[connectionString], env[host]];
      if (text !== undefined) return { connectionString: text };
      if (name !== undefined) return { fullyQualifiedNamespace: name };
      context.addIssue({ code: 'custom', path: [connectionString], message: expected });
      return z.NEVER;
    });
}
