import type { Answer } from '../http.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { ArmError, badRequest, notFound } from './errors.ts';
import type { ArmRequest, ProviderPath } from './request.ts';
import { bodyObject, checkApiVersion, memberObject, writableOf } from './request.ts';
import type { ArmStore, Resource } from './store.ts';

const TYPE = 'Microsoft.Insights/autoscaleSettings';
/** Which ones clients send: arm-monitor 8 and az the newer, arm-monitor 7 the older. */
const API_VERSIONS = ['2015-04-01', '2022-10-01'];

/** Azure's own autoscale settings: kept verbatim, and never evaluated. */
export function answerAutoscaleSettings(
  store: ArmStore,
  path: ProviderPath,
  request: ArmRequest,
): Answer {
  checkApiVersion(request, API_VERSIONS);
  const [, name, ...more] = path.rest;
  if (more.length > 0) throw unsupported(request);
  if (name === undefined) return list(store, path, request);
  const id = `${prefixOf(path)}${name}`;
  switch (request.method) {
    case 'GET':
      return answerWith(200, known(store, id));
    case 'PUT':
      return put(store, id, name, bodyObject(request));
    case 'PATCH':
      return patch(store, id, bodyObject(request));
    case 'DELETE':
      return remove(store, id);
    default:
      throw unsupported(request);
  }
}

function list(store: ArmStore, path: ProviderPath, request: ArmRequest): Answer {
  if (request.method !== 'GET') throw unsupported(request);
  const prefix =
    path.resourceGroup === undefined ? `/subscriptions/${path.subscription}/` : prefixOf(path);
  const value = store.list(prefix, TYPE).map(({ body }) => body);
  return { status: 200, body: JSON.stringify({ value }) };
}

function prefixOf({ subscription, resourceGroup }: ProviderPath): string {
  if (resourceGroup === undefined) throw badRequest('An autoscale setting is in a resource group.');
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`;
  return `${group}/providers/${TYPE}/`;
}

function put(store: ArmStore, id: string, name: string, body: JsonObject): Answer {
  const properties = memberObject(body, 'properties');
  if (!Array.isArray(properties['profiles'])) throw badRequest('properties.profiles is missing.');
  const old = store.find(id);
  const resource: Resource = {
    id: old?.id ?? id,
    type: TYPE,
    ready: 0,
    body: {
      id: old?.id ?? id,
      name,
      type: TYPE,
      ...writableOf(body),
      properties: { ...properties, name: properties['name'] ?? name },
    },
  };
  store.put(resource);
  return answerWith(old === undefined ? 201 : 200, resource);
}

function patch(store: ArmStore, id: string, change: JsonObject): Answer {
  const old = known(store, id);
  const tags = isObject(change['tags']) ? { tags: change['tags'] } : {};
  const properties = {
    ...memberObject(old.body, 'properties'),
    ...memberObject(change, 'properties'),
  };
  const resource = { ...old, body: { ...old.body, ...tags, properties } };
  store.put(resource);
  return answerWith(200, resource);
}

function remove(store: ArmStore, id: string): Answer {
  if (store.find(id) === undefined) return { status: 204 };
  store.remove(id);
  return { status: 200 };
}

function known(store: ArmStore, id: string): Resource {
  const found = store.find(id);
  if (found === undefined) throw notFound(id);
  return found;
}

const answerWith = (status: number, resource: Resource): Answer => ({
  status,
  body: JSON.stringify(resource.body),
});

const unsupported = (request: ArmRequest): ArmError =>
  new ArmError(405, 'MethodNotAllowed', `No ${request.method} of autoscale settings here.`);
