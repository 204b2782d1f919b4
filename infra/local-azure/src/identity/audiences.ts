/** Event Hubs takes tokens for Service Bus too, as in Azure; both are one namespace here. */
export const amqpAudiences = ['https://eventhubs.azure.net', 'https://servicebus.azure.net'];

const RESOURCE_MANAGER = ['https://management.azure.com', 'https://management.core.windows.net'];
/** Metrics by batch, and the door for custom ones: served by the same port. */
const MONITOR = ['https://metrics.monitor.azure.com', 'https://monitoring.azure.com'];
const COSMOS = 'https://cosmos.azure.com';
/** No service here takes it: a gateway asks for it, and a backend of a test looks at it. */
const AI_SERVICES = 'https://cognitiveservices.azure.com';
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Azure's own, or the endpoint that is listened on: SDKs ask for that one in other clouds. */
export function armAudiences(port: number | undefined): readonly string[] {
  return [...RESOURCE_MANAGER, ...MONITOR, ...LOOPBACK.map((name) => `https://${name}:${port}`)];
}

/** The SDK asks for a token for the account's host, without its port. */
export function cosmosAudiences(port: number | undefined): readonly string[] {
  const account = LOOPBACK.flatMap((name) => [`https://${name}`, `https://${name}:${port}`]);
  return [COSMOS, ...account];
}

const known = new Set([...amqpAudiences, ...RESOURCE_MANAGER, ...MONITOR, COSMOS, AI_SERVICES]);

/** Whether a token may be had for the resource: one of those above, on any port. */
export function isResource(resource: string): boolean {
  const bare = resource.replace(/\/$/, '');
  if (known.has(bare)) return true;
  const host = /^https:\/\/(.+?)(:\d+)?$/.exec(bare)?.[1];
  return host !== undefined && LOOPBACK.includes(host);
}
