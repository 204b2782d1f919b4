import { createHash } from 'node:crypto';
import { isObject, parseJson } from '../../json.ts';
import type { Json } from '../../json.ts';
import { badRequest } from '../errors.ts';
import type { PageRequest } from './page-request.ts';

/** Where the next page begins: a place in the order, so that a resumed page costs no re-counting. */
export interface Token {
  /** Results given so far, which TOP and LIMIT count. */
  readonly given: number;
  /** Behind the last item that was given whole; undefined: from the beginning. */
  readonly place?: Place | undefined;
  /** The item behind it, which gave this many of its rows already (JOIN). */
  readonly part?: Part | undefined;
}

export interface Part {
  readonly n: number;
  readonly rows: number;
}

/** By the query's order, by the table's, or by that of an index. */
export type Place =
  | { readonly kind: 'sort'; readonly sort: Buffer }
  | { readonly kind: 'table'; readonly pk: string; readonly id: string }
  | { readonly kind: 'index'; readonly m: number; readonly key: Buffer };

export function writeToken(request: PageRequest, token: Token): string {
  const stored = { query: fingerprint(request), ...token };
  const text = JSON.stringify(stored, (_, value: unknown) =>
    isBytes(value) ? hexOf(value) : value,
  );
  return Buffer.from(text).toString('base64url');
}

/** The token of the request; undefined for the first page. */
export function readToken(request: PageRequest): Token | undefined {
  if (request.continuation === undefined) return undefined;
  const stored = parseJson(Buffer.from(request.continuation, 'base64url').toString('utf8'));
  if (!isObject(stored) || stored['query'] !== fingerprint(request)) throw foreign();
  const { given, place, part } = stored;
  if (!isCount(given)) throw foreign();
  return { given, place: placeOf(place), part: partOf(part) };
}

export const foreign = (): Error =>
  badRequest('The continuation token does not belong to this query: start without one.');

function placeOf(stored: Json | undefined): Place | undefined {
  if (stored === undefined) return undefined;
  if (!isObject(stored)) throw foreign();
  const { kind, sort, pk, id, m, key } = stored;
  if (kind === 'sort') return { kind, sort: bytesOf(sort) };
  if (kind === 'index' && isCount(m)) return { kind, m, key: bytesOf(key) };
  if (kind !== 'table' || typeof pk !== 'string' || typeof id !== 'string') throw foreign();
  return { kind, pk, id };
}

function partOf(stored: Json | undefined): Part | undefined {
  if (stored === undefined) return undefined;
  const { n, rows } = isObject(stored) ? stored : {};
  if (isCount(n) && isCount(rows)) return { n, rows };
  throw foreign();
}

function bytesOf(stored: Json | undefined): Buffer {
  if (typeof stored !== 'string') throw foreign();
  return Buffer.from(stored, 'hex');
}

const isCount = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** A buffer stringifies itself before a replacer sees it. */
const isBytes = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';

const hexOf = ({ data }: { readonly data: readonly number[] }): string =>
  Buffer.from(data).toString('hex');

function fingerprint({ query, question }: PageRequest): string {
  return createHash('sha256')
    .update(JSON.stringify({ query, scope: question.scope }))
    .digest('base64url')
    .slice(0, 16);
}
