import type { Result } from '@headroom/core';

/** Of one connection, or ours to write. */
const ownHeaders = [
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'http2-settings', 'host', 'expect', 'content-length'],
];

/** Credentials of the caller: they open this door, not the next one. */
const credentialHeaders = [
  ...['authorization', 'proxy-authorization', 'api-key', 'ocp-apim-subscription-key', 'cookie'],
];

/** What some servers believe more than the request line. */
const overridingHeaders = [
  ...['forwarded', 'x-host', 'x-original-url', 'x-rewrite-url', 'x-original-host'],
  ...['x-http-method', 'x-http-method-override', 'x-method-override', 'x-real-ip'],
];

const dropped: ReadonlySet<string> = new Set([
  ...ownHeaders,
  ...credentialHeaders,
  ...overridingHeaders,
]);

/** Said twice they may be read in two ways. */
const single: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'content-type', 'transfer-encoding', 'expect', 'authorization'],
  ...['api-key', 'ocp-apim-subscription-key'],
]);

export interface ForwardOptions {
  /** The answer is to be read here: it must come as it is. */
  readonly uncompressed: boolean;
}

/**
 * The headers that go on, as a flat list of names in lower case and values: without those of the connection, the
 * caller's credentials and whatever tells a server to take another path, method or host. `rawHeaders`: as Node gives
 * them. A header that may be read in two ways is refused; the answer says why, for the client.
 */
export function forwardedHeaders(
  rawHeaders: readonly string[],
  { uncompressed }: ForwardOptions,
): Result<string[], string> {
  const kept: string[] = [];
  const seen = new Set<string>();
  let named: ReadonlySet<string> | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    if (single.has(name)) {
      if (seen.has(name)) return { ok: false, error: `The header ${name} came twice.` };
      seen.add(name);
    }
    if (name === 'connection') named = tokensOf(value, named);
    if (!passes(name) || (uncompressed && name === 'accept-encoding')) continue;
    kept.push(name, value);
  }
  if (uncompressed) kept.push('accept-encoding', 'identity');
  return { ok: true, value: named === undefined ? kept : without(kept, named) };
}

/** Families of them: what a proxy says of its caller, and what App Service says of whom it let in. */
const overridingFamily = /^x-(?:forwarded-|ms-client-principal|ms-token-)/;

/** An underscore is a hyphen to some servers: such a name could be any of the dropped ones. */
function passes(name: string): boolean {
  return !dropped.has(name) && !name.includes('_') && !overridingFamily.test(name);
}

/** What `Connection` names belongs to the connection too. */
function tokensOf(value: string, named: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const tokens = value.split(',').map((token) => token.trim().toLowerCase());
  return new Set([...named, ...tokens]);
}

function without(flat: readonly string[], names: ReadonlySet<string>): string[] {
  return flat.filter((_, at) => !names.has(flat[at - (at % 2)] ?? ''));
}
