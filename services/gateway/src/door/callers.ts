import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { KnownClient } from '../config/clients.ts';
import type { PrincipalOf } from './entra.ts';

/** Who calls, or why nobody knows. */
export type Identified =
  | { readonly kind: 'caller'; readonly name: string }
  | { readonly kind: 'unknown'; readonly message: string }
  /** Tokens cannot be checked at the moment. */
  | { readonly kind: 'away' };

/** Who a request is from, by its key or token. */
export type Identify = (headers: IncomingHttpHeaders) => Promise<Identified>;

const credentialLengthMax = 16_384;
const noCredential =
  'No credential came with this call: give a key in the header api-key (or Ocp-Apim-Subscription-Key), or an Entra token in Authorization.';

/**
 * `principalOf`: whose token it is; absent where no token is taken. A key may also come as a bearer token, as clients of the
 * OpenAI API send it.
 */
export function identifier(clients: readonly KnownClient[], principalOf?: PrincipalOf): Identify {
  const nameByKey = keyTable(clients);
  const nameByPrincipal = principalTable(clients);
  return async (headers) => {
    const given = credentialsOf(headers);
    const [credential, ...others] = given;
    if (credential === undefined) return unknown(noCredential);
    if (others.length > 0) return unknown('Credentials came that differ: give one.');
    if (credential.length > credentialLengthMax) return unknown('The credential is too long.');
    const name = nameByKey(credential);
    if (name !== undefined) return { kind: 'caller', name };
    if (!isToken(credential)) return unknown('The key is not known here.');
    if (principalOf === undefined) return unknown('Entra tokens are not taken here.');
    const found = await principalOf(credential);
    if (found.kind !== 'principal') return found;
    const caller = nameByPrincipal.get(found.id);
    return caller === undefined
      ? unknown('The token is good, but its principal is not known here.')
      : { kind: 'caller', name: caller };
  };
}

function unknown(message: string): Identified {
  return { kind: 'unknown', message };
}

/** Each one once: some clients send a key under two names. */
function credentialsOf(headers: IncomingHttpHeaders): string[] {
  const given = new Set<string>();
  for (const name of ['api-key', 'ocp-apim-subscription-key']) {
    const key = headers[name];
    if (typeof key === 'string' && key !== '') given.add(key);
  }
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) given.add(bearer);
  return [...given];
}

function isToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential);
}

/** Every hash is compared to its end, found or not: how long it takes says nothing about a key. */
function keyTable(clients: readonly KnownClient[]): (key: string) => string | undefined {
  const known = clients.filter((client) => 'keySha256' in client);
  return (key) => {
    const digest = hash('sha256', key, 'buffer');
    let found: string | undefined;
    for (const { name, keySha256 } of known) {
      if (timingSafeEqual(digest, keySha256)) found = name;
    }
    return found;
  };
}

function principalTable(clients: readonly KnownClient[]): ReadonlyMap<string, string> {
  return new Map(
    clients.flatMap((client) => ('principal' in client ? [[client.principal, client.name]] : [])),
  );
}
