import type { Json, JsonObject } from '../../json.ts';
import { isObject } from '../../json.ts';
import { ArmError, badRequest, notFound, parentNotFound } from '../errors.ts';
import type { Operation, OperationError } from '../operation-store.ts';
import type { Operations } from '../operations.ts';
import { capacityOf, parentOf, withState } from '../operations.ts';
import { memberObject, memberText, tagsOf, writableOf } from '../request.ts';
import type { ArmStore, Resource } from '../store.ts';
import type { CoreQuota } from './quota.ts';
import { checkCapacity } from './quota.ts';

export const WORKSPACE = 'Microsoft.MachineLearningServices/workspaces';
export const ENDPOINT = `${WORKSPACE}/onlineEndpoints`;
export const DEPLOYMENT = `${ENDPOINT}/deployments`;

/** Workspaces, online endpoints and their deployments. An endpoint takes one operation at a time. */
export class Endpoints {
  private readonly store: ArmStore;
  private readonly operations: Operations;
  private readonly quota: CoreQuota;

  constructor(store: ArmStore, operations: Operations, quota: CoreQuota) {
    this.store = store;
    this.operations = operations;
    this.quota = quota;
  }

  read(id: string): JsonObject {
    return this.view(this.known(id));
  }

  list(prefix: string, type: string): readonly JsonObject[] {
    return this.store.list(prefix, type).map((resource) => this.view(resource));
  }

  /** Workspaces and endpoints are there at once; true: it was not there before. */
  putSimple(id: string, type: string, body: JsonObject): boolean {
    if (type === ENDPOINT) this.checkParent(id);
    const old = this.store.find(id);
    if (type === ENDPOINT && old !== undefined) this.checkIdle(id);
    const kept = old?.id ?? id;
    this.store.put({ id: kept, type, ready: 0, body: bodyOf(kept, type, body, 'Succeeded') });
    return old === undefined;
  }

  /** Tags, and what of the properties is given: at once. */
  patchSimple(id: string, type: string, change: JsonObject): void {
    const old = this.known(id);
    if (type === ENDPOINT) this.checkIdle(id);
    const before = memberObject(old.body, 'properties');
    const { provisioningState } = before;
    const properties = { ...before, ...memberObject(change, 'properties'), provisioningState };
    this.store.put({ ...old, body: { ...old.body, ...tagsOf(change), properties } });
  }

  putDeployment(id: string, endpointId: string, body: JsonObject): [Operation, boolean] {
    this.checkParent(id);
    this.checkIdle(endpointId);
    const to = checkCapacity(memberObject(body, 'sku')['capacity'] ?? 1);
    const old = this.store.find(id);
    const sku = { name: 'Default', ...memberObject(body, 'sku'), capacity: to };
    const wanted = bodyOf(old?.id ?? id, DEPLOYMENT, { ...body, sku }, 'Succeeded');
    const from = old?.ready ?? 0;
    const change = { scopeId: endpointId, resourceId: id, from, to, body: wanted };
    const error = this.quotaError(id, to, wanted);
    // A new deployment is there from the start, and its parts come one by one.
    if (old === undefined) this.store.put({ id, type: DEPLOYMENT, ready: 0, body: wanted });
    const kind = old === undefined ? 'Creating' : 'Updating';
    return [this.operations.begin(kind, change, error), old === undefined];
  }

  /** A PATCH of tags is done at once; one of `sku.capacity` is an operation. */
  patchDeployment(id: string, endpointId: string, change: JsonObject): Operation | undefined {
    const old = this.known(id);
    this.checkIdle(endpointId);
    const tags = tagsOf(change);
    const from = capacityOf(old.body);
    const asked = memberObject(change, 'sku')['capacity'];
    const to = asked === undefined ? from : checkCapacity(asked);
    const sku = { ...memberObject(old.body, 'sku'), ...memberObject(change, 'sku'), capacity: to };
    const wanted = withState({ ...old.body, ...tags, sku }, 'Succeeded');
    if (to === from) {
      this.store.put({ ...old, body: { ...old.body, ...tags } });
      return undefined;
    }
    const scaling = { scopeId: endpointId, resourceId: id, from: old.ready, to, body: wanted };
    return this.operations.begin('Scaling', scaling, this.quotaError(id, to, wanted));
  }

  /** Deletes an endpoint with its deployments, or one deployment; undefined when it is not there. */
  remove(id: string, endpointId: string): Operation | undefined {
    const old = this.store.find(id);
    if (old === undefined) return undefined;
    this.checkIdle(endpointId);
    const change = { scopeId: endpointId, resourceId: id, from: old.ready, to: 0, body: undefined };
    return this.operations.begin('Deleting', change);
  }

  removeWorkspace(id: string): boolean {
    const exists = this.store.find(id) !== undefined;
    for (const endpoint of this.store.list(`${id}/`, ENDPOINT)) this.checkIdle(endpoint.id);
    this.store.remove(id);
    return exists;
  }

  private quotaError(id: string, to: number, body: JsonObject): OperationError | undefined {
    return this.quota.errorOf(id, to, body);
  }

  /** The resource with what the operation in progress shows: its state, and the instances so far. */
  private view(resource: Resource): JsonObject {
    const { id, type, body } = resource;
    if (type === WORKSPACE) return body;
    const operation = this.operations.open(type === ENDPOINT ? id : parentOf(id));
    const concerned = operation?.resourceId === id.toLowerCase() ? operation : undefined;
    if (type === ENDPOINT) {
      const state = concerned?.kind ?? (operation === undefined ? undefined : 'Updating');
      return state === undefined ? body : withState(body, state);
    }
    const shown = concerned === undefined ? body : withState(body, concerned.kind);
    const ready = concerned === undefined ? resource.ready : this.operations.readySoFar(concerned);
    return withReady(shown, ready);
  }

  private known(id: string): Resource {
    const found = this.store.find(id);
    if (found === undefined) throw notFound(id);
    return found;
  }

  private checkParent(id: string): void {
    const parent = parentOf(id);
    if (this.store.find(parent) === undefined) throw parentNotFound(parent);
  }

  private checkIdle(endpointId: string): void {
    const operation = this.operations.open(endpointId);
    if (operation === undefined) return;
    const message = `${endpointId} takes one operation at a time and is ${operation.kind} now: try again later.`;
    throw new ArmError(409, 'Conflict', message);
  }
}

function bodyOf(id: string, type: string, body: JsonObject, state: string): JsonObject {
  const name = id.split('/').at(-1) ?? '';
  if (memberText(body, 'location') === undefined) {
    throw badRequest(`location of ${name} is missing.`);
  }
  return withState({ id, name, type, ...writableOf(body), ...tagsOf(body) }, state);
}

/** In the property dictionary of the deployment, which holds texts and which SDKs pass on. */
function withReady(body: JsonObject, ready: number): JsonObject {
  const properties = memberObject(body, 'properties');
  const given = properties['properties'];
  const dictionary: Record<string, Json | undefined> = {
    ...(isObject(given) ? given : {}),
    readyInstances: String(ready),
  };
  return { ...body, properties: { ...properties, properties: dictionary } };
}
