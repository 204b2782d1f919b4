import { isResource } from './audiences.ts';
import { EntraError, invalidRequest } from './entra-error.ts';
import type { Issuer } from './issuer.ts';
import { sameSecret } from './secrets.ts';
import type { Tenant } from './tenant.ts';

/** What came as a form, or as basic authorization. */
export interface TokenForm {
  readonly fields: URLSearchParams;
  readonly authorization: string | undefined;
}

/** The answer of the token endpoint, for both versions of its clients. */
export interface TokenAnswer {
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly expires_on: string;
  readonly not_before: string;
  readonly resource: string;
  readonly access_token: string;
}

/** The client-credentials grant: a token for the application that knows its secret. Throws `EntraError`. */
export async function grantToken(
  form: TokenForm,
  tenant: Tenant,
  issuer: Issuer,
): Promise<TokenAnswer> {
  const { fields } = form;
  const grant = fields.get('grant_type') ?? '';
  if (grant !== 'client_credentials') throw unsupportedGrant(grant);
  authenticate(form, tenant);
  const resource = resourceOf(fields);
  const token = await issuer.issue(tenant.application, resource);
  const expiresIn = token.expiresAtS - token.issuedAtS;
  return {
    token_type: 'Bearer',
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    expires_on: String(token.expiresAtS),
    not_before: String(token.issuedAtS),
    resource,
    access_token: token.accessToken,
  };
}

/** A wrong secret: the only refusal that is counted against a guesser. */
export const WRONG_SECRET = 7000215;

function authenticate(form: TokenForm, { application }: Tenant): void {
  const { clientId, clientSecret } = credentialsOf(form);
  if (clientId === undefined) throw invalidRequest(`The field 'client_id' is missing.`);
  if (clientId.toLowerCase() !== application.clientId) {
    const message = 'The local tenant has no such application: see AZURE_CLIENT_ID.';
    throw new EntraError(400, 'unauthorized_client', 700016, message);
  }
  if (clientSecret === undefined) {
    const message =
      `The field 'client_secret' is missing. Certificates and other assertions are not supported ` +
      'by the embedded Azure: use the client secret (AZURE_CLIENT_SECRET).';
    throw new EntraError(401, 'invalid_client', 7000218, message);
  }
  if (sameSecret(clientSecret, application.clientSecret)) return;
  const message =
    'The client secret is wrong: see AZURE_CLIENT_SECRET. A new data folder has a new secret.';
  throw new EntraError(401, 'invalid_client', WRONG_SECRET, message);
}

interface ClientCredentials {
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

function credentialsOf({ fields, authorization }: TokenForm): ClientCredentials {
  const basic = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) {
    return {
      clientId: fields.get('client_id') ?? undefined,
      clientSecret: fields.get('client_secret') ?? undefined,
    };
  }
  const decoded = Buffer.from(basic, 'base64').toString('utf8');
  // Both halves are encoded as in a form (RFC 6749, 2.3.1).
  const [clientId, clientSecret] = decoded.split(':', 2).map((half) => {
    return new URLSearchParams(`half=${half}`).get('half') ?? '';
  });
  return { clientId, clientSecret };
}

/** Version 2 names a scope, `RESOURCE/.default`; version 1 and ADFS name the resource. */
function resourceOf(fields: URLSearchParams): string {
  const resource = fields.get('resource') ?? resourceOfScope(fields.get('scope'));
  if (isResource(resource)) return resource;
  // The SDK of Cosmos DB looks for this number, and then asks for https://cosmos.azure.com.
  const message =
    `There is no resource ${JSON.stringify(resource.slice(0, 200))} in the local tenant. There are Event Hubs, Service Bus, ` +
    'Cosmos DB and Resource Manager, by the names they have in Azure or by their loopback address.';
  throw new EntraError(400, 'invalid_resource', 500011, message);
}

const DEFAULT_SCOPE = '/.default';

function resourceOfScope(scope: string | null): string {
  if (scope === null || scope === '') {
    throw invalidRequest(`The field 'scope' is missing: RESOURCE/.default.`);
  }
  const scopes = scope.split(' ').filter((each) => !OPEN_ID_SCOPES.has(each));
  const [first] = scopes;
  if (scopes.length === 1 && first?.endsWith(DEFAULT_SCOPE) === true) {
    return first.slice(0, -DEFAULT_SCOPE.length);
  }
  const message = `A client's own token has one scope, which ends with ${DEFAULT_SCOPE}.`;
  throw new EntraError(400, 'invalid_scope', 1002012, message);
}

/** Libraries add these on their own; they mean nothing to a client without a user. */
const OPEN_ID_SCOPES: ReadonlySet<string> = new Set(['openid', 'profile', 'offline_access']);

function unsupportedGrant(grant: string): EntraError {
  const shown = JSON.stringify(grant.slice(0, 100));
  const message = `The grant type ${shown} is not supported by the embedded Azure: use client_credentials.`;
  return new EntraError(400, 'unsupported_grant_type', 70003, message);
}
