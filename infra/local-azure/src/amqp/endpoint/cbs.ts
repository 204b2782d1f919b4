import { createHmac } from 'node:crypto';
import { sameSecret } from '../../identity/secrets.ts';
import { amqpAudiences } from '../../identity/audiences.ts';
import type { TokenCheck } from '../../identity/token-check.ts';
import { TokenRefused } from '../../identity/token-check.ts';
import { notSupported, unauthorized } from '../errors.ts';
import type { DecodedMessage } from '../message/sections.ts';
import { asText } from '../protocol/values.ts';

export interface SharedKey {
  readonly keyName: string;
  readonly key: string;
}

/** Who is let in: holders of the shared key, of a token from the local issuer, or of either. */
export interface AmqpAccess {
  /** Absent where local authentication is disabled. */
  readonly shared?: SharedKey | undefined;
  readonly tokens?: TokenCheck | undefined;
}

/** What a token that was put allows. */
export interface Claim {
  /** Path of the entity; '' is the namespace. */
  readonly entity: string;
  /** Epoch ms. */
  readonly untilMs: number;
}

/**
 * Checks a put-token request: a shared access signature by our key, or a token of our issuer; not
 * expired, for the audience it is put for. Rejects with an AmqpError (401) that says the reason.
 */
export async function checkToken(
  request: DecodedMessage,
  access: AmqpAccess,
  nowMs: number,
): Promise<Claim> {
  const properties = request.applicationProperties;
  const operation = asText(properties.get('operation'));
  if (operation !== 'put-token') throw notSupported(`The $cbs operation '${operation ?? ''}'`);
  const type = asText(properties.get('type')) ?? '';
  const token = asText(request.body) ?? '';
  const audience = asText(properties.get('name')) ?? '';
  const entity = resourceOf(audience).path;
  if (type === 'jwt') return { entity, untilMs: await checkJwt(token, access.tokens) };
  if (type !== 'servicebus.windows.net:sastoken') throw unauthorized(unknownType(type));
  return { entity, untilMs: checkSignature(token, audience, access.shared, nowMs) };
}

async function checkJwt(token: string, tokens: TokenCheck | undefined): Promise<number> {
  if (tokens === undefined) throw unauthorized(unknownType('jwt'));
  try {
    return await tokens.expiryOf(token, amqpAudiences);
  } catch (error) {
    throw error instanceof TokenRefused ? unauthorized(error.message) : error;
  }
}

function unknownType(type: string): string {
  return (
    `A token of type '${type.slice(0, 100)}' is not accepted by the embedded Azure: connect with the ` +
    'connection string that it printed, or with a token of its own authority.'
  );
}

/** Until when the shared access signature is good. */
function checkSignature(
  text: string,
  audience: string,
  shared: SharedKey | undefined,
  nowMs: number,
): number {
  if (shared === undefined) throw unauthorized(DISABLED);
  const token = parseToken(text);
  if (decode(token.skn) !== shared.keyName) {
    throw unauthorized(
      `There is no key named '${decode(token.skn).slice(0, 100)}' here: it is '${shared.keyName}'.`,
    );
  }
  const expected = createHmac('sha256', shared.key).update(`${token.sr}\n${token.se}`);
  if (!sameSecret(decode(token.sig), expected.digest('base64'))) throw unauthorized(WRONG_KEY);
  const expiresMs = Number(token.se) * 1000;
  if (!(expiresMs > nowMs)) throw unauthorized(`The token for '${audience}' has expired.`);
  if (!isWithin(audience, decode(token.sr))) {
    throw unauthorized(`The token is for '${decode(token.sr)}', not for '${audience}'.`);
  }
  return expiresMs;
}

const DISABLED =
  'LocalAuthDisabled: shared keys and shared access signatures are disabled in this embedded Azure. ' +
  'Connect with the namespace (EVENTHUBS_NAMESPACE, SERVICEBUS_NAMESPACE) and DefaultAzureCredential.';
const WRONG_KEY =
  'The signature of the token is wrong: the shared access key is not the one of this embedded ' +
  'Azure. Read the connection string again; a new data folder has a new key.';

/** Whether the resource of a signature is the audience, or one that holds it. The scheme does not matter. */
function isWithin(audience: string, resource: string): boolean {
  const [inner, outer] = [resourceOf(audience), resourceOf(resource)];
  const isBelow = outer.path === '' || `${inner.path}/`.startsWith(`${outer.path}/`);
  return inner.host === outer.host && isBelow;
}

/** `sb://host:port/path/` as lower-case host and path, without the slashes around it. */
function resourceOf(uri: string): { host: string; path: string } {
  const [, host = '', path = ''] = /^(?:[a-z]+:\/\/)?([^/]*)(.*)$/.exec(uri.toLowerCase()) ?? [];
  return { host: host.replace(/:\d+$/, ''), path: path.replace(/^\/+|\/+$/g, '') };
}

interface Token {
  readonly sr: string;
  readonly sig: string;
  readonly se: string;
  readonly skn: string;
}

function parseToken(token: string): Token {
  const [scheme, fields] = token.split(' ', 2);
  if (scheme !== 'SharedAccessSignature' || fields === undefined) {
    throw unauthorized('The token is no shared access signature.');
  }
  const parts = new Map(
    fields.split('&').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
  const field = (name: string): string => {
    const value = parts.get(name);
    if (value === undefined) throw unauthorized(`The token has no field '${name}'.`);
    return value;
  };
  return { sr: field('sr'), sig: field('sig'), se: field('se'), skn: field('skn') };
}

function decode(field: string): string {
  try {
    return decodeURIComponent(field);
  } catch {
    throw unauthorized('The token is not URL-encoded.');
  }
}
