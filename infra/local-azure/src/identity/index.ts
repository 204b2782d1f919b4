import { Authority } from './authority.ts';
import type { TrustedIssuer } from './issuer.ts';
import { Issuer } from './issuer.ts';
import { loadTenant } from './tenant.ts';
import type { Tenant } from './tenant.ts';
import { TokenCheck } from './token-check.ts';

export type { Tenant } from './tenant.ts';

/** The local tenant, the place to sign in to it, and the check of the tokens that one gets there. */
export interface SignIn {
  readonly tenant: Tenant;
  readonly authority: Authority;
  readonly tokens: TokenCheck;
  readonly trustedIssuer: TrustedIssuer;
}

/** Keeps the tenant in the folder; made at the first start. */
export async function openSignIn(folder: string, clock: () => number): Promise<SignIn> {
  const tenant = await loadTenant(folder);
  const issuer = await Issuer.create(tenant, clock);
  const authority = new Authority(tenant, issuer, clock);
  const tokens = new TokenCheck(issuer.trusted, clock);
  return { tenant, authority, tokens, trustedIssuer: issuer.trusted };
}
