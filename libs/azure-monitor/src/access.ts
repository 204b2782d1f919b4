import { MonitorClient } from '@azure/arm-monitor';
import type { MonitorClientOptionalParams } from '@azure/arm-monitor';
import { DefaultAzureCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/identity';
import { durationText, minuteMs } from '@headroom/core';
import type { Millis } from '@headroom/core';

/** How to reach Azure Resource Manager, and Azure Monitor's metrics. */
export interface MonitorOptions {
  /** https://management.azure.com when absent. */
  readonly endpoint?: string;
  /** Of the metrics batch; `{region}` stands for the region. When absent: the cloud's own, see `metricsEndpointOf`. */
  readonly metricsEndpoint?: string;
  /** A bearer token that does not expire: the embedded Azure's. `DefaultAzureCredential` when absent. */
  readonly token?: string;
  /** PEM of the authority that signed the endpoint's certificate; the system's authorities when absent. */
  readonly ca?: string;
  /** Time of one request, its answer included; a minute when absent. */
  readonly requestMaxMs?: Millis;
}

const requestUsualMaxMs: Millis = minuteMs;

/** Where Azure's clouds answer the metrics batch, by the host of their Resource Manager. */
const metricsDomains: ReadonlyMap<string, string> = new Map([
  ['management.azure.com', 'metrics.monitor.azure.com'],
  ['management.usgovcloudapi.net', 'metrics.monitor.azure.us'],
  ['management.chinacloudapi.cn', 'metrics.monitor.azure.cn'],
]);

/** Another Resource Manager than those of Azure's clouds answers both: the embedded one does. */
export function metricsEndpointOf(options: MonitorOptions, region: string): string {
  const { endpoint = 'https://management.azure.com', metricsEndpoint } = options;
  const domain = metricsDomains.get(URL.parse(endpoint)?.hostname ?? '');
  const own = domain === undefined ? endpoint : `https://{region}.${domain}`;
  return (metricsEndpoint ?? own).replaceAll('{region}', region);
}

/** Subscriptions, or regions, whose clients are kept. */
const clientsMax = 100;

/** Gives the client of a subscription. All share one credential; how often to ask again is the caller's to decide. */
export function monitorClients(
  options: MonitorOptions,
  credential: TokenCredential = credentialOf(options),
): (subscription: string) => MonitorClient {
  const noRetries = { ...clientOptions(options), retryOptions: { maxRetries: 0 } };
  return kept((subscription) => new MonitorClient(credential, subscription, noRetries));
}

/** Makes each client once. Names come from settings of anybody: what piles up is dropped, and made again when it is used. */
export function kept<Client>(make: (name: string) => Client): (name: string) => Client {
  const clients = new Map<string, Client>();
  return (name) => {
    const known = clients.get(name);
    if (known !== undefined) return known;
    if (clients.size >= clientsMax) clients.clear();
    const client = make(name);
    clients.set(name, client);
    return client;
  };
}

export function clientOptions(options: MonitorOptions): MonitorClientOptionalParams {
  const { endpoint, ca, requestMaxMs = requestUsualMaxMs } = options;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
    additionalPolicies: [{ policy: timeLimit(requestMaxMs), position: 'perCall' }],
  };
}

type Policies = NonNullable<MonitorClientOptionalParams['additionalPolicies']>;

/** The SDK waits for ever: a firewall that drops what it does not let through would hold up everything. */
function timeLimit(ms: Millis): Policies[number]['policy'] {
  return {
    name: 'headroom-time-limit',
    async sendRequest(request, next) {
      request.timeout = ms;
      try {
        return await next(request);
      } catch (cause) {
        if (!(cause instanceof Error) || cause.name !== 'AbortError') throw cause;
        const { host } = new URL(request.url);
        throw new Error(`${host} did not answer within ${durationText(ms)}`, { cause });
      }
    },
  };
}

/** An hour ahead: the SDK asks again before it is over. */
const tokenLifeMs = 3_600_000;

export function credentialOf({ token }: MonitorOptions): TokenCredential {
  if (token === undefined) return new DefaultAzureCredential();
  return {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + tokenLifeMs }),
  };
}
