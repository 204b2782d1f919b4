import { createHmac, timingSafeEqual } from 'node:crypto';
import { notSupported, unauthorized } from '../errors.ts';
import type { DecodedMessage } from '../message/sections.ts';
import { asText } from '../protocol/values.ts';

export interface SharedKey {
  readonly keyName: string;
  readonly key: string;
}

/**
 * Checks a put-token request: a shared access signature by our key, not expired, for the audience
 * it is put for. Returns until when (epoch ms) it is good; throws an AmqpError (401) with the reason.
 */
export function checkToken(request: DecodedMessage, shared: SharedKey, nowMs: number): number {
  const properties = request.applicationProperties;
  const operation = asText(properties.get('operation'));
  if (operation !== 'put-token') throw notSupported(`The $cbs operation '${operation ?? ''}'`);
  const type = asText(properties.get('type')) ?? '';
  if (type !== 'servicebus.windows.net:sastoken') {
    throw unauthorized(
      `A token of type '${type}' is not accepted by the embedded Azure: connect with the ` +
        'connection string that it printed.',
    );
  }
  const token = parseToken(asText(request.body) ?? '');
  const audience = asText(properties.get('name')) ?? '';
  checkSignature(token, shared);
  const expiresMs = Number(token.se) * 1000;
  if (!(expiresMs > nowMs)) throw unauthorized(`The token for '${audience}' has expired.`);
  if (!audience.toLowerCase().startsWith(decodeURIComponent(token.sr).toLowerCase())) {
    throw unauthorized(
      `The token is for '${decodeURIComponent(token.sr)}', not for '${audience}'.`,
    );
  }
  return expiresMs;
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

function checkSignature(token: Token, shared: SharedKey): void {
  if (decodeURIComponent(token.skn) !== shared.keyName) {
    throw unauthorized(`There is no key named '${decodeURIComponent(token.skn)}' here.`);
  }
  const expected = createHmac('sha256', shared.key).update(`${token.sr}\n${token.se}`).digest();
  const given = Buffer.from(decodeURIComponent(token.sig), 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw unauthorized(
      'The signature of the token is wrong: the shared access key is not the one of this ' +
        'embedded Azure. Read the connection string again; a new data folder has a new key.',
    );
  }
}
