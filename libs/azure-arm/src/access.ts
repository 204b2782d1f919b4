import type { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import type { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { DefaultAzureCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/identity';

/** How to reach Azure Resource Manager. */
export interface ArmOptions {
  /** https://management.azure.com when absent. */
  readonly endpoint?: string;
  /** A bearer token that does not expire: the embedded Azure's. `DefaultAzureCredential` when absent. */
  readonly token?: string;
  /** PEM of the authority that signed the endpoint's certificate; the system's authorities when absent. */
  readonly ca?: string;
}

/** Subscriptions whose clients are kept. */
const clientsMax = 100;

/** Gives the client of a subscription. An SDK is loaded when the first one is asked for. */
export type Clients<Client> = (subscription: string) => Promise<Client>;

export function mlClients(options: ArmOptions): Clients<AzureMachineLearningWorkspaces> {
  return clientsOf(options, async () => {
    const sdk = await import('@azure/arm-machinelearning');
    return sdk.AzureMachineLearningWorkspaces;
  });
}

export function aiClients(options: ArmOptions): Clients<CognitiveServicesManagementClient> {
  return clientsOf(options, async () => {
    const sdk = await import('@azure/arm-cognitiveservices');
    return sdk.CognitiveServicesManagementClient;
  });
}

type ClientClass<Client> = new (
  credential: TokenCredential,
  subscription: string,
  options: ReturnType<typeof clientOptions>,
) => Client;

/** All clients share one credential. */
function clientsOf<Client>(
  options: ArmOptions,
  load: () => Promise<ClientClass<Client>>,
): Clients<Client> {
  const credential = credentialOf(options);
  const clients = new Map<string, Client>();
  return async (subscription) => {
    const Made = await load();
    const known = clients.get(subscription);
    if (known !== undefined) return known;
    // Ids come from commands of anybody: what piles up is dropped, and made again when it is used.
    if (clients.size >= clientsMax) clients.clear();
    const client = new Made(credential, subscription, clientOptions(options));
    clients.set(subscription, client);
    return client;
  };
}

/** The scaler has its own budget of tries: a retry inside the SDK would outlive the claim. */
function clientOptions({ endpoint, ca }: ArmOptions) {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
    retryOptions: { maxRetries: 0 },
  };
}

/** An hour ahead: the SDK asks again before it is over. */
const tokenLifeMs = 3_600_000;

function credentialOf({ token }: ArmOptions): TokenCredential {
  if (token === undefined) return new DefaultAzureCredential();
  return {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + tokenLifeMs }),
  };
}
