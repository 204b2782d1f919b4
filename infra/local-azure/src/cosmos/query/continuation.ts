import { createHash } from 'node:crypto';
import { parseJson } from '../../json.ts';
import type { Json } from '../../json.ts';
import { badRequest } from '../errors.ts';
import type { PageRequest, Place } from './scan.ts';

/** A continuation: a place in the order of the results, so that a resumed page costs no re-counting. */
export interface Token {
  /** Each sort value as `[value]`, or `[]` when it is undefined. */
  readonly sort: readonly (readonly Json[])[];
  readonly pk: string;
  readonly id: string;
  /** Results given so far, which TOP and LIMIT count. */
  readonly given: number;
  /** Marks the query that the token belongs to. */
  readonly query: string;
}

export function writeToken(request: PageRequest, last: Place, given: number): string {
  const sort = last.sortValues.map((value) => (value === undefined ? [] : [value]));
  const token: Token = { sort, ...last.position, given, query: fingerprint(request) };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** The token of the request; undefined for the first page. */
export function readToken(request: PageRequest): Token | undefined {
  if (request.continuation === undefined) return undefined;
  const text = Buffer.from(request.continuation, 'base64url').toString('utf8');
  // The fingerprint says that it was written here, for this query: its shape is known.
  const token = parseJson(text) as Token | null | undefined;
  if (token?.query === fingerprint(request)) return token;
  throw badRequest('The continuation token does not belong to this query.');
}

export function placeOf(token: Token): Place {
  const sortValues = token.sort.map((wrapped) => wrapped[0]);
  return { position: { pk: token.pk, id: token.id }, sortValues };
}

function fingerprint({ query, scope }: PageRequest): string {
  return createHash('sha256')
    .update(JSON.stringify({ query, scope }))
    .digest('base64url')
    .slice(0, 16);
}
