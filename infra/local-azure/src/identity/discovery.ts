import type { TrustedIssuer } from './issuer.ts';

/** What `/.well-known/openid-configuration` answers; `authority` is its own address: `https://HOST/TENANT`. */
export function openIdConfiguration(
  authority: string,
  tokenPath: string,
  { issuer }: TrustedIssuer,
): Readonly<Record<string, unknown>> {
  return {
    // MSAL demands the authority's own host here; the tokens' issuer is another one, as in ADFS.
    issuer: authority,
    access_token_issuer: issuer,
    token_endpoint: `${authority}/${tokenPath}`,
    authorization_endpoint: `${authority}/oauth2/authorize`,
    jwks_uri: `${authority}/discovery/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    grant_types_supported: ['client_credentials'],
    response_types_supported: ['token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** What `az cloud register` reads of a Resource Manager at `base`. */
export function cloudEndpoints(base: string): Readonly<Record<string, unknown>> {
  return {
    galleryEndpoint: base,
    graphEndpoint: base,
    portalEndpoint: base,
    // An authority that ends in `adfs` is taken as it is; others are looked up at login.microsoftonline.com.
    authentication: { loginEndpoint: `${base}/adfs`, audiences: [base] },
  };
}

/** Instance discovery: this host is an authority, under no other name. */
export function instanceDiscovery(
  base: string,
  tenantId: string,
): Readonly<Record<string, unknown>> {
  const host = new URL(base).host;
  return {
    tenant_discovery_endpoint: `${base}/${tenantId}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
