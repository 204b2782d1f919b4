import type { IncomingMessage } from 'node:http';
import type { Answer } from '../http.ts';
import { baseUrlOf, pathOf, readBody } from '../http.ts';
import { Attempts } from './attempts.ts';
import { cloudEndpoints, instanceDiscovery, openIdConfiguration } from './discovery.ts';
import { EntraError, entraErrorAnswer, invalidRequest, tooManyAttempts } from './entra-error.ts';
import type { Issuer } from './issuer.ts';
import { answerManagedIdentity } from './managed-identity.ts';
import type { Tenant } from './tenant.ts';
import { grantToken, WRONG_SECRET } from './token-endpoint.ts';

/** A request for a token is a short form. */
const MAX_FORM_BYTES = 64 * 1024;
/** `/TENANT/…`, or the ADFS way `/adfs/…` and `/adfs/TENANT/…`. */
const ROUTE =
  /^\/(adfs(?:\/[^/]+)?|[^/]+)(\/v2\.0)?\/(\.well-known\/openid-configuration|discovery\/(?:v2\.0\/)?keys|discovery\/instance|oauth2\/(?:v2\.0\/)?(?:token|authorize|devicecode))$/;
const ANY_TENANT = ['common', 'organizations', 'adfs'];

/** The place to sign in: what Entra serves at login.microsoftonline.com, and Azure to its machines. */
export class Authority {
  readonly #tenant: Tenant;
  readonly #issuer: Issuer;
  readonly #clock: () => number;
  readonly #attempts: Attempts;

  constructor(tenant: Tenant, issuer: Issuer, clock: () => number) {
    this.#tenant = tenant;
    this.#issuer = issuer;
    this.#clock = clock;
    this.#attempts = new Attempts(clock);
  }

  /** Over TLS; `undefined` when the path is not one of an authority. */
  async answer(request: IncomingMessage): Promise<Answer | undefined> {
    const base = baseUrlOf(request);
    const pathname = pathOf(request);
    if (pathname === '/metadata/endpoints') return json(cloudEndpoints(base));
    const path = pathname.replace(/^(?=\/discovery\/)/, '/common').replace(/\/$/, '');
    const [, tenant = '', version = '', what = ''] = ROUTE.exec(path) ?? [];
    if (what === '') return undefined;
    try {
      this.#requireTenant(tenant);
      return await this.#answer(request, base, { tenant, version, what });
    } catch (error) {
      if (error instanceof EntraError) return entraErrorAnswer(error, this.#clock());
      throw error;
    }
  }

  /** Over plain HTTP, where only a machine's own managed identity is asked for. */
  answerPlain(request: IncomingMessage): Promise<Answer> {
    return answerManagedIdentity(request, this.#tenant, this.#issuer, this.#attempts);
  }

  async #answer(
    request: IncomingMessage,
    base: string,
    { tenant, version, what }: { tenant: string; version: string; what: string },
  ): Promise<Answer> {
    if (what.endsWith('/token')) return this.#grant(request);
    if (what.endsWith('keys')) return json(this.#issuer.trusted.keys);
    if (what === 'discovery/instance') return json(instanceDiscovery(base, this.#tenant.tenantId));
    if (what.startsWith('.well-known')) {
      const v2 = version !== '' && !tenant.startsWith('adfs');
      const tokenPath = v2 ? 'oauth2/v2.0/token' : 'oauth2/token';
      return json(openIdConfiguration(`${base}/${tenant}`, tokenPath, this.#issuer.trusted));
    }
    throw new EntraError(
      400,
      'unsupported_response_type',
      70005,
      'Signing in as a user (browser, device code) is not supported by the embedded Azure: use the ' +
        'application and its secret, or the managed identity.',
    );
  }

  #requireTenant(path: string): void {
    const [first = ''] = path.toLowerCase().split('/');
    if (first === this.#tenant.tenantId || ANY_TENANT.includes(first)) return;
    const message = 'There is no such tenant here: see AZURE_TENANT_ID, or use adfs.';
    throw new EntraError(400, 'invalid_request', 90002, message);
  }

  async #grant(request: IncomingMessage): Promise<Answer> {
    const body = await readBody(request, MAX_FORM_BYTES);
    const waitS = this.#attempts.begin();
    if (waitS > 0) throw tooManyAttempts(waitS);
    if (request.method !== 'POST') throw invalidRequest('The token endpoint takes POST only.');
    if (body === undefined) throw invalidRequest(`The form is above ${MAX_FORM_BYTES} bytes.`);
    const form = {
      fields: new URLSearchParams(body),
      authorization: request.headers.authorization,
    };
    try {
      return json(await grantToken(form, this.#tenant, this.#issuer));
    } catch (error) {
      if (error instanceof EntraError && error.number === WRONG_SECRET) this.#attempts.failed();
      throw error;
    }
  }
}

function json(value: unknown): Answer {
  return { status: 200, headers: { 'cache-control': 'no-store' }, body: JSON.stringify(value) };
}
