import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TokenCredential } from '@azure/core-auth';
import type { JWTPayload } from 'jose';
import { generateKeyPair, importJWK, SignJWT } from 'jose';
import { loadTenant } from '../../src/identity/tenant.ts';
import type { Tenant } from '../../src/identity/tenant.ts';
import { startLocalAzure } from '../../src/index.ts';
import type { LocalAzure } from '../../src/index.ts';

/** An embedded Azure whose authority this process trusts, in a folder that goes with it. */
export interface TrustedAzure extends AsyncDisposable {
  readonly azure: LocalAzure;
  readonly dataDir: string;
  readonly tenant: Tenant;
}

export async function startTrusted(
  options: { readonly disableLocalAuth?: boolean } = {},
): Promise<TrustedAzure> {
  const dataDir = mkdtempSync(join(tmpdir(), 'identity-'));
  const azure = await startLocalAzure({ dataDir, provisioningMs: 0, ...options });
  trust(azure.env.NODE_EXTRA_CA_CERTS);
  return {
    azure,
    dataDir,
    tenant: await loadTenant(join(dataDir, 'azure')),
    [Symbol.asyncDispose]: async () => {
      await azure.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What NODE_EXTRA_CA_CERTS does for a process that starts with it. */
export function trust(file: string): void {
  setDefaultCACertificates([...getCACertificates(), readFileSync(file, 'utf8')]);
}

/** Sets variables of the process, as a service is started with them; takes them back at the end. */
export function processVariables(variables: Readonly<Record<string, string>>): Disposable {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return {
    [Symbol.dispose]: () => {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    },
  };
}

/** What the variables of an identity are, by who signs in: the application, or the machine itself. */
export function variablesOf(
  { azure }: TrustedAzure,
  who: 'application' | 'managed identity',
): Record<string, string> {
  const prefix = who === 'application' ? 'AZURE_' : 'IDENTITY_';
  return Object.fromEntries(
    Object.entries(azure.identityEnv).filter(([name]) => name.startsWith(prefix)),
  );
}

export const fixedToken = (token: string): TokenCredential => ({
  getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});

/** How a token differs from a good one. */
export interface Forgery {
  readonly claims?: JWTPayload;
  readonly without?: string;
  readonly key?: 'its own';
  readonly algorithm?: 'none' | 'HS256';
}

/** A token of the tenant, signed with its key, with the changes. */
export async function forge(
  tenant: Tenant,
  audience: string,
  nowS: number,
  { claims = {}, without, key, algorithm }: Forgery = {},
): Promise<string> {
  const issuer = `https://sts.headroom.local/${tenant.tenantId}/`;
  const times = { iat: nowS, nbf: nowS - 1, exp: nowS + 3600 };
  const all: JWTPayload = { aud: audience, iss: issuer, tid: tenant.tenantId, ...times, ...claims };
  if (without !== undefined) Reflect.deleteProperty(all, without);
  const { kid = '' } = tenant.signingKey;
  if (algorithm === 'none') return unsigned(all, kid);
  const signer = new SignJWT(all);
  if (algorithm === 'HS256') {
    // The trick of old: the public key as the secret of a signature by secret.
    const secret = new TextEncoder().encode(tenant.signingKey.n);
    return signer.setProtectedHeader({ alg: 'HS256', kid }).sign(secret);
  }
  const signingKey =
    key === undefined
      ? await importJWK(tenant.signingKey, 'RS256')
      : (await generateKeyPair('RS256')).privateKey;
  return signer.setProtectedHeader({ alg: 'RS256', kid }).sign(signingKey);
}

function unsigned(claims: JWTPayload, kid: string): string {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none', kid })}.${encode(claims)}.`;
}

/** The forgeries that every service refuses, and what it says of them. */
export const forgeries: readonly (readonly [string, Forgery, RegExp])[] = [
  ['for another service', { claims: { aud: 'https://storage.azure.com' } }, /another service/],
  ['of another issuer', { claims: { iss: 'https://sts.windows.net/x/' } }, /another issuer/],
  ['of another tenant', { claims: { tid: 'x' } }, /another tenant/],
  ['signed by another key', { key: 'its own' }, /not signed with the key/],
  ['with alg none', { algorithm: 'none' }, /not signed with RS256/],
  ['signed with a secret (HS256)', { algorithm: 'HS256' }, /not signed with RS256/],
  ['that has expired', { claims: { exp: 1_000_000_000 } }, /has expired/],
  ['that is not valid yet', { claims: { nbf: 9_000_000_000 } }, /not valid yet/],
  ['without an end', { without: 'exp' }, /no claim 'exp'/],
];

/** What the call is refused with. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly status: unknown; readonly message: string }> {
  try {
    await call;
  } catch (error) {
    const { code, statusCode, message } = error as Error & { code?: unknown; statusCode?: unknown };
    return { status: statusCode ?? code, message };
  }
  throw new Error('The call was to be refused.');
}
