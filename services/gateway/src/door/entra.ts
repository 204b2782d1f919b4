import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { EntraAuthority } from '../config/clients.ts';

export type Principal =
  | { readonly kind: 'principal'; readonly id: string; readonly roles: readonly string[] }
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'away' };

/** Whose token it is: the object id of its principal, in lower case, and its app roles. */
export type PrincipalOf = (token: string) => Promise<Principal>;

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256'];
const clockToleranceS = 60;
const requestLimitMs = 5_000;
/** How long a failure to find the issuer's keys stands before they are asked for again. */
const retryMs = 5_000;

const discovery = z.object({
  issuer: z.string(),
  /** Of AD FS: the issuer that its access tokens name. */
  access_token_issuer: z.string().optional(),
  jwks_uri: z.string(),
});
const claims = z.object({
  oid: z.guid().toLowerCase(),
  roles: z.array(z.string()).default([]),
});

/** Checks tokens with the issuer's public keys, which are asked for at the first token and kept; `failed` is told why not. */
export function entraTokens(
  { issuer, audience, keysAt = issuer }: EntraAuthority,
  failed: (error: unknown) => void,
): PrincipalOf {
  const keys = keysOf(issuer, keysAt);
  return async (token) => {
    try {
      const checks = { issuer, audience, algorithms, clockTolerance: clockToleranceS };
      const { payload } = await jwtVerify(token, await keys(), {
        ...checks,
        requiredClaims: ['exp'],
      });
      const found = claims.safeParse(payload);
      if (!found.success) return { kind: 'unknown', message: 'The token names no object id.' };
      return { kind: 'principal', id: found.data.oid, roles: found.data.roles };
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== undefined) return { kind: 'unknown', message: reason };
      failed(error);
      return { kind: 'away' };
    }
  };
}

/** Why the token is not good; `undefined`: that could not be found out. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) return undefined;
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `The token's claim ${error.claim} is not the one that is taken here.`;
  }
  // The plain class is what an answer of the issuer that cannot be used ends in.
  return error.code === 'ERR_JOSE_GENERIC' ? undefined : 'The token is not good.';
}

/** The issuer says where its keys are; `jose` keeps them, and asks again for a key that it does not have. */
function keysOf(issuer: string, keysAt: string): () => Promise<JWTVerifyGetKey> {
  let asked: Promise<JWTVerifyGetKey> | undefined;
  let failedAt = -Infinity;
  return () => {
    if (asked !== undefined) return asked;
    if (performance.now() - failedAt < retryMs) {
      return Promise.reject(new Error('the keys of the issuer were not to be had a moment ago'));
    }
    asked = discover(issuer, keysAt).catch((error: unknown) => {
      asked = undefined;
      failedAt = performance.now();
      throw error;
    });
    return asked;
  };
}

async function discover(issuer: string, keysAt: string): Promise<JWTVerifyGetKey> {
  const place = `${keysAt.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(place, { signal: AbortSignal.timeout(requestLimitMs) });
  if (!answer.ok) throw new Error(`${place} answered ${answer.status}`);
  const found = discovery.parse(await answer.json());
  if (found.issuer !== issuer && found.access_token_issuer !== issuer) {
    throw new Error(`${place} is of another issuer than ${issuer}: mend the issuer's variable`);
  }
  return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: requestLimitMs });
}
