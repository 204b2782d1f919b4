import { createHmac } from 'node:crypto';
import { cosmosAudiences } from '../identity/audiences.ts';
import { sameSecret } from '../identity/secrets.ts';
import type { TokenCheck } from '../identity/token-check.ts';
import { TokenRefused } from '../identity/token-check.ts';
import { CosmosError } from './errors.ts';

/** Who is let in. */
export interface CosmosAccess {
  readonly clock: () => number;
  /** Absent where local authentication is disabled. */
  readonly key?: Buffer;
  readonly tokens?: TokenCheck;
}

/** How a request shows who sends it. */
export interface Proof {
  readonly isSecure: boolean;
  /** On which it came in. */
  readonly port: number | undefined;
  readonly date: string;
  /** As it came: URL-encoded. */
  readonly authorization: string;
}

interface SignedRequest {
  readonly method: string;
  readonly segments: readonly string[];
}

/** As in Azure: a signature whose date is further off is none. */
const MAX_SKEW_MS = 15 * 60_000;

/** Throws 401 or 403 unless the request was signed with the account's key, or holds a good token. */
export async function authorize(
  access: CosmosAccess,
  request: SignedRequest,
  proof: Proof,
): Promise<void> {
  const text = decodeText(proof.authorization);
  const [, type = '', version = '', rest = ''] =
    /^type=(\w+)&ver=([\d.]+)&sig=(.*)$/s.exec(text) ?? [];
  if (version !== '1.0') throw unauthorized(NO_PROOF);
  if (type === 'aad') return checkToken(access, rest, proof);
  if (type === 'master') {
    checkKey(access, request, proof.date, text);
    return;
  }
  throw unauthorized(
    `An authorization of type '${type.slice(0, 40)}' is not supported by the embedded Azure: use the key or a token.`,
  );
}

/** What a client with this key sends as `authorization` (before URL encoding). */
export function signature(key: Buffer, request: SignedRequest, date: string): string {
  const { type, link } = signedThing(request);
  const text = [request.method.toLowerCase(), type, link, date.toLowerCase(), '', ''];
  const hash = createHmac('sha256', key).update(text.join('\n')).digest('base64');
  return `type=master&ver=1.0&sig=${hash}`;
}

/** Path segments name the signed thing: an odd count is a feed (`dbs/d/colls`), an even one a resource. */
function signedThing({ segments }: SignedRequest): { type: string; link: string } {
  // Deleting a partition's items is an operation of its container.
  const path = segments[4] === 'operations' ? segments.slice(0, 4) : segments;
  const odd = path.length % 2 === 1;
  const type = (path.at(odd ? -1 : -2) ?? '').toLowerCase();
  // An offer is signed by its id alone, in lower case.
  if (type === 'offers' && !odd) return { type, link: (path.at(-1) ?? '').toLowerCase() };
  return { type, link: (odd ? path.slice(0, -1) : path).join('/') };
}

function checkKey(access: CosmosAccess, request: SignedRequest, date: string, given: string): void {
  if (access.key === undefined) throw unauthorized(DISABLED);
  if (!sameSecret(given, signature(access.key, request, date))) throw unauthorized(WRONG_KEY);
  const skewMs = Math.abs(Date.parse(date) - access.clock());
  if (skewMs <= MAX_SKEW_MS) return;
  throw new CosmosError(
    403,
    'Forbidden',
    `The authorization token is not valid at the current time: x-ms-date is '${date.slice(0, 40)}', and ` +
      `here it is ${new Date(access.clock()).toUTCString()}; 15 minutes are the limit. Set the clock.`,
  );
}

async function checkToken({ tokens }: CosmosAccess, token: string, proof: Proof): Promise<void> {
  if (tokens === undefined || !proof.isSecure) throw unauthorized(NOT_SECURE);
  try {
    await tokens.expiryOf(token, cosmosAudiences(proof.port));
  } catch (error) {
    throw error instanceof TokenRefused ? unauthorized(error.message) : error;
  }
}

const NO_PROOF =
  'The header authorization is missing, or is not type=master or type=aad, ver=1.0 with a sig.';
const DISABLED =
  'Local authorization is disabled: the key of this account is refused. Use a token: COSMOS_ENDPOINT ' +
  'with https and DefaultAzureCredential.';
const WRONG_KEY =
  'The request is not signed with the key of this account: check COSMOS_KEY against env.json.';
const NOT_SECURE = 'A token is taken over https only: use https:// with the same port.';

function unauthorized(message: string): CosmosError {
  return new CosmosError(401, 'Unauthorized', message);
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
