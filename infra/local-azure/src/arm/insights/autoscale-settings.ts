import type { Json, JsonObject } from '../../json.ts';
import { isObject } from '../../json.ts';
import { ArmError, badRequest, notFound, notSupported } from '../errors.ts';
import { idKey, pageAnswer } from '../paging.ts';
import { bodyObject, memberObject, memberText, tagsOf, writableOf } from '../request.ts';
import type { ArmAnswer, Handler, Route } from '../router.ts';
import { json } from '../router.ts';
import type { ArmStore, Resource } from '../store.ts';

const TYPE = 'Microsoft.Insights/autoscaleSettings';
/** Which ones clients send: arm-monitor 8 and az the newer, arm-monitor 7 the older. */
const API_VERSIONS = ['2015-04-01', '2022-10-01'];
const MAX_PROFILES = 20;
const MAX_RULES = 10;

/** Azure's own autoscale settings: kept verbatim, and never evaluated. */
export function autoscaleRoutes(store: ArmStore, pageSize: number): readonly Route[] {
  const group = 'subscriptions/{subscription}/resourceGroups/{group}/providers';
  const list: Handler = ({ id, names, request }) => {
    const prefix = names['group'] === undefined ? id.split('/providers/')[0] : id;
    const found = store.list(`${prefix}/`, TYPE).map(({ body }) => body);
    return pageAnswer(request, pageSize, found, idKey, (body) => body);
  };
  const route = (path: string, methods: Route['methods']): Route => {
    return { path, apiVersions: API_VERSIONS, methods };
  };
  return [
    route(`subscriptions/{subscription}/providers/${TYPE}`, { GET: list }),
    route(`${group}/${TYPE}`, { GET: list }),
    route(`${group}/${TYPE}/{setting}`, {
      GET: ({ id }) => json(200, known(store, id).body),
      PUT: ({ id, request }) => put(store, id, bodyObject(request)),
      PATCH: ({ id, request }) => patch(store, id, bodyObject(request)),
      DELETE: ({ id }) => remove(store, id),
    }),
    route(`${group}/${TYPE}/{setting}/predictiveMetrics`, { GET: noPrediction }),
  ];
}

function put(store: ArmStore, id: string, body: JsonObject): ArmAnswer {
  if (memberText(body, 'location') === undefined) {
    throw new ArmError(400, 'LocationRequired', 'The location property is required.');
  }
  const properties = memberObject(body, 'properties');
  checkProfiles(properties['profiles']);
  const old = store.find(id);
  const kept = old?.id ?? id;
  const name = kept.split('/').at(-1) ?? '';
  const resource: Resource = {
    id: kept,
    type: TYPE,
    ready: 0,
    body: {
      id: kept,
      name,
      type: TYPE,
      ...writableOf(body),
      ...tagsOf(body),
      properties: { ...properties, name: properties['name'] ?? name },
    },
  };
  store.put(resource);
  return json(old === undefined ? 201 : 200, resource.body);
}

function patch(store: ArmStore, id: string, change: JsonObject): ArmAnswer {
  const old = known(store, id);
  const given = memberObject(change, 'properties');
  if (given['profiles'] !== undefined) checkProfiles(given['profiles']);
  const properties = { ...memberObject(old.body, 'properties'), ...given };
  const resource = { ...old, body: { ...old.body, ...tagsOf(change), properties } };
  store.put(resource);
  return json(200, resource.body);
}

/** The bounds that Azure's schema enforces; what the profiles say is not looked at. */
function checkProfiles(profiles: Json | undefined): void {
  if (!Array.isArray(profiles)) throw badRequest('properties.profiles is missing.');
  if (profiles.length > MAX_PROFILES) {
    throw badRequest(`properties.profiles has at most ${MAX_PROFILES} profiles.`);
  }
  for (const [index, profile] of profiles.entries()) {
    const at = `properties.profiles[${index}]`;
    if (!isObject(profile)) throw badRequest(`${at} is no object.`);
    if (!isObject(profile['capacity'])) throw badRequest(`${at}.capacity is missing.`);
    const rules = profile['rules'] ?? [];
    if (!Array.isArray(rules)) throw badRequest(`${at}.rules is no list.`);
    if (rules.length > MAX_RULES) throw badRequest(`${at}.rules has at most ${MAX_RULES} rules.`);
  }
}

function remove(store: ArmStore, id: string): ArmAnswer {
  if (store.find(id) === undefined) return { status: 204 };
  store.remove(id);
  return { status: 200 };
}

function known(store: ArmStore, id: string): Resource {
  const found = store.find(id);
  if (found === undefined) throw notFound(id);
  return found;
}

const noPrediction: Handler = () => {
  throw notSupported('predictiveMetrics', 'It evaluates no setting and predicts nothing.');
};
