import type { IncomingMessage } from 'node:http';
import type { Answer } from '../http.ts';
import { pathOf } from '../http.ts';
import { isResource } from './audiences.ts';
import type { Attempts } from './attempts.ts';
import type { IssuedToken, Issuer } from './issuer.ts';
import { sameSecret } from './secrets.ts';
import type { Tenant } from './tenant.ts';

/** Where a process on App Service gets the token of its managed identity: IDENTITY_ENDPOINT and MSI_ENDPOINT. */
export const MANAGED_IDENTITY_PATH = '/MSI/token';

/** The endpoint of App Service has two versions: each its header with the secret, and its form of a date. */
const VERSIONS: Readonly<Record<string, Version | undefined>> = {
  '2019-08-01': { secretHeader: 'x-identity-header', expiry: (atS) => String(atS) },
  '2017-09-01': { secretHeader: 'secret', expiry: dateOfSeconds },
};

interface Version {
  readonly secretHeader: string;
  readonly expiry: (atS: number) => string;
}

/** Over plain HTTP, as in Azure: it is the machine's own, and asks for a secret from the environment. */
export async function answerManagedIdentity(
  request: IncomingMessage,
  tenant: Tenant,
  issuer: Issuer,
  attempts: Attempts,
): Promise<Answer> {
  request.resume();
  const path = pathOf(request);
  if (path.replace(/\/$/, '') !== MANAGED_IDENTITY_PATH) return notHere(path);
  const query = new URLSearchParams(request.url?.slice(path.length));
  if (request.method !== 'GET') return failed(405, 'A token is asked for with GET.');
  const waitS = attempts.begin();
  if (waitS > 0) return failed(429, `Too many requests: wait ${waitS} s.`, waitS);
  const version = VERSIONS[query.get('api-version') ?? ''];
  if (version === undefined) {
    return failed(400, `'api-version' is ${Object.keys(VERSIONS).join(' or ')}.`);
  }
  const secret = request.headers[version.secretHeader];
  if (typeof secret !== 'string' || !sameSecret(secret, tenant.managedIdentity.header)) {
    attempts.failed();
    return failed(
      401,
      `The header ${version.secretHeader} does not hold the secret: see IDENTITY_HEADER.`,
    );
  }
  const resource = query.get('resource') ?? '';
  if (!isResource(resource)) return failed(400, `'resource' names no service of the local tenant.`);
  if (!isIdentity(query, tenant)) {
    return failed(400, 'There is no such managed identity here: leave its id out.');
  }
  const token = await issuer.issue(tenant.managedIdentity, resource);
  return succeeded(tenant, resource, token, version);
}

function succeeded(tenant: Tenant, resource: string, token: IssuedToken, version: Version): Answer {
  const body = {
    access_token: token.accessToken,
    expires_on: version.expiry(token.expiresAtS),
    resource,
    token_type: 'Bearer',
    client_id: tenant.managedIdentity.clientId,
  };
  return { status: 200, headers: { 'cache-control': 'no-store' }, body: JSON.stringify(body) };
}

/** One that is named has to be ours. */
function isIdentity(query: URLSearchParams, { managedIdentity }: Tenant): boolean {
  const clientId = query.get('client_id') ?? query.get('clientid') ?? managedIdentity.clientId;
  const objectId = query.get('principal_id') ?? query.get('object_id') ?? managedIdentity.objectId;
  const known = clientId === managedIdentity.clientId && objectId === managedIdentity.objectId;
  return known && !query.has('mi_res_id');
}

function notHere(path: string): Answer {
  if (path.startsWith('/metadata/identity')) {
    const message =
      'The metadata service of virtual machines (IMDS) is not supported by the embedded Azure: ' +
      'set IDENTITY_ENDPOINT and IDENTITY_HEADER instead.';
    return failed(501, message);
  }
  return failed(400, 'Resource Manager and the authority speak https only: use https://.');
}

function failed(statusCode: number, message: string, retryAfterS?: number): Answer {
  return {
    status: statusCode,
    headers: retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) },
    body: JSON.stringify({ statusCode, message }),
  };
}

/** `11/29/2026 14:05:06 +00:00` */
function dateOfSeconds(atS: number): string {
  const [date = '', time = ''] = new Date(atS * 1000).toISOString().split(/[T.]/);
  const [year = '', month = '', day = ''] = date.split('-');
  return `${month}/${day}/${year} ${time} +00:00`;
}
