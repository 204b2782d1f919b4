import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

const dropped = [
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'http2-settings'],
  // A backend that sends back what it was sent must not give its own credentials away.
  ...['authorization', 'api-key', 'ocp-apim-subscription-key'],
];

/** Where an answer says that something is to be asked for. */
const links = ['location', 'operation-location', 'azure-asyncoperation', 'content-location'];

/** Whose address stands for whose. */
export interface Addresses {
  /** `https://NAME.cognitiveservices.azure.com/base`, without a slash at its end. */
  readonly backend: string;
  /** Under which the client called. */
  readonly gateway: string;
}

/**
 * The headers of a backend's answer as the client gets them. A link to the backend leads to the gateway instead: a
 * client that polls for a result comes the way it came before.
 */
export function answerHeaders(
  headers: Readonly<IncomingHttpHeaders>,
  addresses: Addresses,
): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = { ...headers };
  for (const name of connectionNames(headers.connection)) Reflect.deleteProperty(kept, name);
  for (const name of dropped) if (name in kept) Reflect.deleteProperty(kept, name);
  for (const name of links) {
    const link = kept[name];
    if (typeof link === 'string') kept[name] = linkFor(link, addresses);
  }
  return kept;
}

function connectionNames(connection: string | undefined): readonly string[] {
  if (connection === undefined) return [];
  return connection.split(',').map((name) => name.trim().toLowerCase());
}

function linkFor(link: string, { backend, gateway }: Addresses): string {
  const begins = link.slice(0, backend.length).toLowerCase() === backend.toLowerCase();
  const rest = link.slice(backend.length);
  return begins && /^(?:[/?]|$)/.test(rest) ? gateway + rest : link;
}
