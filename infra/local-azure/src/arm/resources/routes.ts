import type { JsonObject } from '../../json.ts';
import { ArmError } from '../errors.ts';
import type { Operations } from '../operations.ts';
import { idKey, pageAnswer } from '../paging.ts';
import { bodyObject, memberText, tagsOf } from '../request.ts';
import type { ArmAnswer, Handler, Route } from '../router.ts';
import { json, nameOf } from '../router.ts';
import type { ArmStore, Resource } from '../store.ts';
import { RESOURCE_GROUP } from '../store.ts';
import { listResources } from './list.ts';
import { Subscriptions } from './subscriptions.ts';

const API_VERSIONS = [
  '2016-06-01',
  '2018-05-01',
  '2019-07-01',
  '2019-10-01',
  '2019-11-01',
  '2020-06-01',
  '2020-10-01',
  '2021-01-01',
  '2021-04-01',
  '2022-09-01',
  '2022-12-01',
  '2024-03-01',
  '2025-04-01',
];

export interface ResourcesOptions {
  readonly store: ArmStore;
  readonly operations: Operations;
  /** Those that are listed before they hold anything. */
  readonly subscriptions: readonly string[];
  readonly pageSize: number;
  /** Provider, type, api-versions: of all that is routed. */
  readonly providers: () => ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

/** `Microsoft.Resources`: subscriptions, resource groups, what is in them, and the providers. */
export function resourceRoutes(options: ResourcesOptions): readonly Route[] {
  const { store, pageSize } = options;
  const subscriptions = new Subscriptions(store, options.subscriptions);
  const one = 'subscriptions/{subscription}';
  const route = (path: string, methods: Route['methods']): Route => {
    return { path, apiVersions: API_VERSIONS, methods };
  };
  const list: Handler = ({ id, request }) => {
    const prefix = id.slice(0, id.lastIndexOf('/'));
    return listResources(store, prefix, request, pageSize);
  };
  const find: Handler = (call) => json(200, subscriptions.find(nameOf(call, 'subscription')));
  const locations: Handler = (call) => json(200, { value: subscriptions.locations(call) });
  const groups: Handler = ({ id, request }) => {
    const prefix = `${id.slice(0, id.lastIndexOf('/'))}/`;
    const found = store.list(prefix, RESOURCE_GROUP).map(({ body }) => body);
    return pageAnswer(request, pageSize, found, idKey, (body) => body);
  };
  return [
    route('subscriptions', { GET: () => json(200, { value: subscriptions.all() }) }),
    route('tenants', { GET: () => json(200, { value: [subscriptions.tenant()] }) }),
    route(one, { GET: find }),
    route(`${one}/locations`, { GET: locations }),
    route(`${one}/resources`, { GET: list }),
    route(`${one}/resourceGroups`, { GET: groups }),
    route(`${one}/resourceGroups/{group}`, groupMethods(options)),
    route(`${one}/resourceGroups/{group}/resources`, { GET: list }),
    route(`${one}/providers`, { GET: providersAnswer(options) }),
    route(`${one}/providers/{namespace}`, { GET: providerAnswer(options) }),
  ];
}

function groupMethods({ store, operations }: ResourcesOptions): Route['methods'] {
  const known = (id: string): Resource => {
    const found = store.find(id);
    const message = `Resource group '${id.split('/').at(-1) ?? ''}' could not be found.`;
    if (found === undefined) throw new ArmError(404, 'ResourceGroupNotFound', message);
    return found;
  };
  const put = (id: string, change: JsonObject, old: Resource | undefined): ArmAnswer => {
    const location = old?.body['location'] ?? memberText(change, 'location');
    if (location === undefined) {
      throw new ArmError(400, 'LocationRequired', 'The location property is required.');
    }
    const kept = old?.id ?? id;
    const body = {
      id: kept,
      name: kept.split('/').at(-1),
      type: RESOURCE_GROUP,
      location,
      ...(old?.body['tags'] === undefined ? {} : { tags: old.body['tags'] }),
      ...tagsOf(change),
      properties: { provisioningState: 'Succeeded' },
    };
    store.put({ id: kept, type: RESOURCE_GROUP, ready: 0, body });
    return json(old === undefined ? 201 : 200, body);
  };
  return {
    GET: ({ id }) => json(200, known(id).body),
    PUT: ({ id, request }) => put(id, bodyObject(request), store.find(id)),
    PATCH: ({ id, request }) => put(id, bodyObject(request), known(id)),
    DELETE: ({ id }) => {
      const found = known(id);
      const busy = operations.openBelow(`${found.id}/`)[0];
      if (busy === undefined) store.remove(found.id);
      else {
        const message = `${busy.resourceId} is ${busy.kind} now: try again later.`;
        throw new ArmError(409, 'ResourceGroupDeletionBlocked', message);
      }
      return { status: 200 };
    },
  };
}

/** `az resource` reads here which api-version to use. */
function providerAnswer({ providers }: ResourcesOptions): Handler {
  return (call) => {
    const wanted = nameOf(call, 'namespace').toLowerCase();
    for (const [namespace, types] of providers()) {
      if (namespace.toLowerCase() === wanted) {
        return json(200, providerBody(nameOf(call, 'subscription'), namespace, types));
      }
    }
    const message = `The resource namespace '${wanted}' is invalid: see docs/local-azure.md.`;
    throw new ArmError(404, 'InvalidResourceNamespace', message);
  };
}

function providersAnswer({ providers }: ResourcesOptions): Handler {
  return (call) => {
    const subscription = nameOf(call, 'subscription');
    const value = [...providers()].map(([namespace, types]) =>
      providerBody(subscription, namespace, types),
    );
    return json(200, { value });
  };
}

function providerBody(
  subscription: string,
  namespace: string,
  types: ReadonlyMap<string, readonly string[]>,
): JsonObject {
  return {
    id: `/subscriptions/${subscription}/providers/${namespace}`,
    namespace,
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationRequired',
    resourceTypes: [...types].map(([resourceType, apiVersions]) => ({
      resourceType,
      // Newest first, as Azure lists them: az takes the first.
      apiVersions: apiVersions.toSorted().toReversed(),
      locations: [],
      capabilities: 'None',
    })),
  };
}
