import type { JsonObject } from '../../json.ts';
import { badRequest } from '../errors.ts';
import { idKey, pageAnswer } from '../paging.ts';
import type { ArmRequest } from '../request.ts';
import type { ArmAnswer } from '../router.ts';
import type { ArmStore } from '../store.ts';
import { RESOURCE_GROUP } from '../store.ts';

/** Resources without a location of their own, which Azure does not list here. */
const PROXY_TYPES = new Set(['Microsoft.CognitiveServices/accounts/deployments', RESOURCE_GROUP]);
/** What the list tells of a resource. */
const MEMBERS = ['id', 'name', 'type', 'location', 'kind', 'sku', 'tags', 'identity'] as const;

const FILTERS: ReadonlyMap<string, string> = new Map([
  ['resourcetype', 'type'],
  ['name', 'name'],
  ['location', 'location'],
]);

/** `resources` of a subscription or a resource group. */
export function listResources(
  store: ArmStore,
  prefix: string,
  request: ArmRequest,
  pageSize: number,
): ArmAnswer {
  const conditions = conditionsOf(request.query.get('$filter') ?? '');
  const found = store
    .listAll(`${prefix}/`)
    .filter(({ type }) => !PROXY_TYPES.has(type))
    .map(({ body }) => body)
    .filter((body) => conditions.every(([member, value]) => textOf(body[member]) === value));
  return pageAnswer(request, pageSize, found, idKey, shown);
}

/** `resourceType eq 'a/b' and name eq 'c'`: the member and the value in lower case. */
function conditionsOf(filter: string): readonly (readonly [string, string])[] {
  if (filter.trim() === '') return [];
  return filter.split(/\s+and\s+/i).map((part) => {
    const [, name = '', value = ''] = /^\s*(\w+)\s+eq\s+'([^']*)'\s*$/i.exec(part) ?? [];
    const member = FILTERS.get(name.toLowerCase());
    if (member !== undefined) return [member, value.toLowerCase()] as const;
    const message = `$filter takes resourceType, name and location with eq and 'and', not: ${part}`;
    throw badRequest(message);
  });
}

const textOf = (value: JsonObject[string]): string =>
  typeof value === 'string' ? value.toLowerCase() : '';

const shown = (body: JsonObject): JsonObject =>
  Object.fromEntries(MEMBERS.filter((name) => body[name] !== undefined).map((n) => [n, body[n]]));
