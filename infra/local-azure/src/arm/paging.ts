import type { JsonObject } from '../json.ts';
import { badRequest } from './errors.ts';
import { memberText } from './request.ts';
import type { ArmAnswer } from './router.ts';
import { json } from './router.ts';
import type { ArmRequest } from './request.ts';

/**
 * One page of a list with the link to the next. The link holds the key of the page's last item, so
 * that items that come or go between two pages shift nothing.
 */
export function pageAnswer<Item>(
  request: ArmRequest,
  pageSize: number,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  show: (item: Item) => JsonObject,
): ArmAnswer {
  const after = request.query.get('$skiptoken') ?? request.query.get('$skipToken');
  const left = after === null ? items : items.filter((item) => keyOf(item) > after);
  const rest = left.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const size = Math.min(pageSize, topOf(request) ?? pageSize);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const isLast = last === undefined || page.length === rest.length;
  const more = isLast ? {} : { nextLink: nextLink(request, keyOf(last)) };
  return json(200, { value: page.map(show), ...more });
}

/** The address of this request, from the given key on. */
export function nextLink(request: ArmRequest, after: string): string {
  const query = new URLSearchParams(request.query);
  query.delete('$skipToken');
  query.set('$skiptoken', after);
  const path = request.segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
  return `${request.baseUrl}${path}?${query.toString()}`;
}

function topOf(request: ArmRequest): number | undefined {
  const text = request.query.get('$top');
  if (text === null) return undefined;
  const top = Number(text);
  if (Number.isInteger(top) && top > 0) return top;
  throw badRequest(`$top is a whole number above 0, not '${text}'.`);
}

/** By the lower-case id, which is how the store orders them. */
export const idKey = (body: JsonObject): string => memberText(body, 'id')?.toLowerCase() ?? '';
