import { createHmac, timingSafeEqual } from 'node:crypto';
import { CosmosError } from './errors.ts';

/** Path segments name the signed thing: an odd count is a feed (`dbs/d/colls`), an even one a resource. */
function signedThing(segments: readonly string[]): { type: string; link: string } {
  // An offer is signed by its id alone.
  if (segments[0] === 'offers' && segments.length === 2) {
    return { type: 'offers', link: segments[1] ?? '' };
  }
  const odd = segments.length % 2 === 1;
  const type = segments.at(odd ? -1 : -2) ?? '';
  return { type, link: (odd ? segments.slice(0, -1) : segments).join('/') };
}

/** What a client with this key sends as `authorization` (before URL encoding). */
export function signature(
  key: Buffer,
  method: string,
  segments: readonly string[],
  date: string,
): string {
  const { type, link } = signedThing(segments);
  const text = [method.toLowerCase(), type.toLowerCase(), link, date.toLowerCase(), '', ''];
  const hash = createHmac('sha256', key).update(text.join('\n')).digest('base64');
  return `type=master&ver=1.0&sig=${hash}`;
}

/** Throws 401 unless the request was signed with the account's key. */
export function authorize(
  key: Buffer,
  method: string,
  segments: readonly string[],
  headers: { readonly date: string; readonly authorization: string },
): void {
  const expected = Buffer.from(signature(key, method, segments, headers.date));
  const given = Buffer.from(decodeText(headers.authorization));
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new CosmosError(
    401,
    'Unauthorized',
    'The request is not signed with the key of this account: check COSMOS_KEY against env.json.',
  );
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
