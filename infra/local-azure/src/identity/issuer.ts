import type { CryptoKey, JSONWebKeySet, JWK } from 'jose';
import { importJWK, SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import type { Principal, Tenant } from './tenant.ts';

/** What a service needs to know to check tokens; plain values, to be handed to another thread. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly tenantId: string;
  /** Public keys. */
  readonly keys: JSONWebKeySet;
}

export interface IssuedToken {
  readonly accessToken: string;
  readonly issuedAtS: number;
  readonly expiresAtS: number;
}

/** As in Entra, where it is between 60 and 90 minutes. */
export const TOKEN_LIFETIME_S = 3600;
/** Everybody in the local tenant may do everything: there are no role assignments here. */
const ROLES = ['Owner'];

/** Signs access tokens in the form of Entra's version 1, the one that Azure's own services take. */
export class Issuer {
  readonly trusted: TrustedIssuer;
  readonly #key: CryptoKey;
  readonly #kid: string;
  readonly #clock: () => number;

  private constructor(tenant: Tenant, key: CryptoKey, clock: () => number) {
    this.#key = key;
    this.#kid = tenant.signingKey.kid ?? '';
    this.#clock = clock;
    this.trusted = {
      issuer: issuerOf(tenant.tenantId),
      tenantId: tenant.tenantId,
      keys: { keys: [publicPart(tenant.signingKey)] },
    };
  }

  static async create(tenant: Tenant, clock: () => number): Promise<Issuer> {
    const key = (await importJWK(tenant.signingKey, 'RS256')) as CryptoKey;
    return new Issuer(tenant, key, clock);
  }

  async issue(principal: Principal, audience: string): Promise<IssuedToken> {
    const issuedAtS = Math.floor(this.#clock() / 1000);
    const expiresAtS = issuedAtS + TOKEN_LIFETIME_S;
    const { issuer, tenantId } = this.trusted;
    const claims = {
      ...{ appid: principal.clientId, appidacr: '1', idp: issuer, idtyp: 'app' },
      ...{ oid: principal.objectId, sub: principal.objectId, tid: tenantId },
      ...{ roles: ROLES, uti: randomUUID(), ver: '1.0' },
    };
    const accessToken = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: this.#kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAtS)
      .setNotBefore(issuedAtS)
      .setExpirationTime(expiresAtS)
      .sign(this.#key);
    return { accessToken, issuedAtS, expiresAtS };
  }
}

/**
 * Not the authority's address, as `sts.windows.net` is not either: a token outlives a restart on
 * another port. Discovery tells it as `access_token_issuer`.
 */
export function issuerOf(tenantId: string): string {
  return `https://sts.headroom.local/${tenantId}/`;
}

function publicPart({ kty, n, e, kid, alg, use }: JWK): JWK {
  return { kty, n, e, kid, alg, use } as JWK;
}
