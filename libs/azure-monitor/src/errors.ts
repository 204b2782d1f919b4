import { DependencyUnavailable } from '@headroom/ports';

const dependency = 'Azure Resource Manager';

/** Resource Manager answered, and its answer is no: asked again, it says the same. The message says what to do. */
export class ListingRefused extends Error {
  override readonly name = 'ListingRefused';
}

/** Nothing here is asked for but a list: whatever goes wrong, the list cannot be had now. */
export function unavailable(
  cause: unknown,
  what = 'the autoscale settings',
): DependencyUnavailable {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `${dependency} did not list ${what}: ${why}`;
  return new DependencyUnavailable(dependency, message, { cause });
}

/** What was to be listed, and of what. */
export interface List {
  readonly what: string;
  readonly scope: string;
}

/**
 * What an error of the SDK means, by its HTTP status:
 *
 *   401, 403, 404 and any other 4xx      refused, with what is missing
 *   408, 429, 5xx, no answer, no token   unavailable: to be asked again
 */
export function listingError(cause: unknown, list: List, body: string | undefined): Error {
  const status = statusOf(cause);
  if (status === undefined && isSignedOut(cause)) {
    const said =
      'No identity was found: not of the environment, not a managed one, not the Azure CLI’s.';
    return new ListingRefused(`${adviceOf(401, list)} ${said}`, { cause });
  }
  if (status === undefined || status === 408 || status === 429 || status >= 500) {
    return unavailable(cause, list.what);
  }
  const said = `${dependency} says: ${armMessageOf(body) ?? `HTTP ${status}`}`;
  return new ListingRefused(`${adviceOf(status, list)} ${said}`, { cause });
}

function adviceOf(status: number, { what, scope }: List): string {
  switch (status) {
    case 401:
      return `Nobody is signed in for ${scope}, or not any more: az login.`;
    case 403:
      return `${capital(what)} of ${scope} may not be listed: the role Monitoring Reader is missing. az role assignment create --assignee YOU --role "Monitoring Reader" --scope ${scope}`;
    case 404:
      return `There is no ${scope}, or it is not for you to see: az account list, az group list.`;
    default:
      return `${capital(what)} of ${scope} cannot be listed.`;
  }
}

/** What each way of signing in lacks fills a page: nobody reads it. */
const signedOutNames: ReadonlySet<unknown> = new Set([
  'AggregateAuthenticationError',
  'ChainedTokenCredentialError',
  'CredentialUnavailableError',
]);

function isSignedOut(error: unknown): boolean {
  return error instanceof Error && signedOutNames.has(error.name);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function statusOf(error: unknown): number | undefined {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error
      ? error.statusCode
      : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** Of `{error: {code, message}}`, or of `{code, message}`. */
function armMessageOf(body: string | undefined): string | undefined {
  try {
    const answer = JSON.parse(body ?? '') as { error?: unknown } | null;
    const { code, message } = (answer?.error ?? answer) as { code?: unknown; message?: unknown };
    return typeof message === 'string' ? `${String(code)}: ${message}` : undefined;
  } catch {
    // A proxy's page, or nothing.
    return undefined;
  }
}
