import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../json.ts';
import { ArmError, badRequest, notFound, parentNotFound } from './errors.ts';
import { checkCapacity, coresOf } from './quota.ts';
import { memberObject, writableOf } from './request.ts';
import type { ArmStore, Operation, OperationError, OperationKind, Resource } from './store.ts';

export const WORKSPACE = 'Microsoft.MachineLearningServices/workspaces';
export const ENDPOINT = `${WORKSPACE}/onlineEndpoints`;
export const DEPLOYMENT = `${ENDPOINT}/deployments`;

export interface EndpointOptions {
  readonly clock: () => number;
  /** How long an operation runs. */
  readonly provisioningMs: number;
  /** Cores of the subscription; undefined: as many as asked for. */
  readonly quotaCores: number | undefined;
  /** Takes the error that a test wants the next operation to end with. */
  readonly takeFailure: () => OperationError | undefined;
}

/**
 * Online endpoints and their deployments. An endpoint takes one operation at a time:
 *
 *     (absent) ──put──► Creating ──► Succeeded ◄──► Updating | Scaling
 *                          │             │               │
 *                          └──────► Failed ◄─────────────┘       any ──delete──► Deleting ──► (absent)
 *
 * A failed operation changes nothing but the state. Every state but Succeeded and Failed is busy.
 */
export class Endpoints {
  private readonly store: ArmStore;
  private readonly options: EndpointOptions;

  constructor(store: ArmStore, options: EndpointOptions) {
    this.store = store;
    this.options = options;
  }

  /** Lets every operation whose time has come take its effect. Called before anything is looked at. */
  settle(): void {
    const now = this.options.clock();
    for (const operation of this.store.dueOperations(now)) {
      this.store.transact(() => {
        this.finish(operation);
        this.store.settle(operation.id, now);
      });
    }
  }

  read(id: string): JsonObject {
    const found = this.store.find(id);
    if (found === undefined) throw notFound(id);
    return this.view(found);
  }

  list(prefix: string, type: string): readonly JsonObject[] {
    return this.store.list(prefix, type).map((resource) => this.view(resource));
  }

  /** Workspaces and endpoints are there at once. */
  putSimple(id: string, type: string, parentId: string | undefined, body: JsonObject): boolean {
    this.checkParent(parentId);
    const old = this.store.find(id);
    if (type === ENDPOINT && old !== undefined) this.checkIdle(id);
    const resource = {
      id: old?.id ?? id,
      type,
      ready: 0,
      body: bodyOf(id, type, body, 'Succeeded'),
    };
    this.store.put(resource);
    return old === undefined;
  }

  putDeployment(id: string, endpointId: string, body: JsonObject): [Operation, boolean] {
    this.checkParent(endpointId);
    this.checkIdle(endpointId);
    const to = checkCapacity(memberObject(body, 'sku')['capacity'] ?? 1);
    const old = this.store.find(id);
    const sku = { name: 'Default', ...memberObject(body, 'sku'), capacity: to };
    const wanted = bodyOf(id, DEPLOYMENT, { ...body, sku }, 'Succeeded');
    const from = old?.ready ?? 0;
    const change = { endpointId, resourceId: id, from, to, body: wanted };
    return this.store.transact(() => {
      // A new deployment is there from the start, and its parts come one by one.
      const created = { id, type: DEPLOYMENT, ready: 0, body: wanted };
      if (old === undefined) this.store.put(created);
      const operation = this.begin(old === undefined ? 'Creating' : 'Updating', change);
      return [operation, old === undefined];
    });
  }

  /** A PATCH of tags is done at once; one of `sku.capacity` is an operation. */
  patchDeployment(id: string, endpointId: string, change: JsonObject): Operation | undefined {
    const old = this.store.find(id);
    if (old === undefined) throw notFound(id);
    this.checkIdle(endpointId);
    const tags = change['tags'] === undefined ? {} : { tags: change['tags'] };
    const from = capacityOf(old.body);
    const asked = memberObject(change, 'sku')['capacity'];
    const to = asked === undefined ? from : checkCapacity(asked);
    const sku = { ...memberObject(old.body, 'sku'), ...memberObject(change, 'sku'), capacity: to };
    const wanted = withState({ ...old.body, ...tags, sku }, 'Succeeded');
    if (to === from) {
      this.store.put({ ...old, body: { ...old.body, ...tags } });
      return undefined;
    }
    const scaling = { endpointId, resourceId: id, from: old.ready, to, body: wanted };
    return this.begin('Scaling', scaling);
  }

  /** Deletes an endpoint with its deployments, or one deployment; undefined when it is not there. */
  remove(id: string, endpointId: string): Operation | undefined {
    const old = this.store.find(id);
    if (old === undefined) return undefined;
    this.checkIdle(endpointId);
    const change = { endpointId, resourceId: id, from: old.ready, to: 0, body: undefined };
    return this.begin('Deleting', change);
  }

  removeWorkspace(id: string): boolean {
    const exists = this.store.find(id) !== undefined;
    for (const endpoint of this.store.list(`${id}/`, ENDPOINT)) this.checkIdle(endpoint.id);
    this.store.remove(id);
    return exists;
  }

  private begin(
    kind: OperationKind,
    change: Pick<Operation, 'endpointId' | 'resourceId' | 'from' | 'to' | 'body'>,
  ): Operation {
    const startedMs = Math.round(this.options.clock());
    const endsMs = startedMs + this.options.provisioningMs;
    const error = this.options.takeFailure() ?? this.quotaError(kind, change);
    const id = randomUUID();
    const operation = { id, kind, startedMs, endsMs, error, isSettled: false, ...change };
    this.store.addOperation(operation);
    return operation;
  }

  private quotaError(
    kind: OperationKind,
    change: Pick<Operation, 'resourceId' | 'to' | 'body'>,
  ): OperationError | undefined {
    const { quotaCores } = this.options;
    if (quotaCores === undefined || kind === 'Deleting') return undefined;
    const others = this.store
      .list('/', DEPLOYMENT)
      .filter(({ id }) => id.toLowerCase() !== change.resourceId.toLowerCase())
      .reduce((sum, { body }) => sum + coresOf(instanceTypeOf(body), capacityOf(body)), 0);
    const needed = others + coresOf(instanceTypeOf(change.body ?? {}), change.to);
    if (needed <= quotaCores) return undefined;
    const message = `Not enough quota: ${needed} cores are needed and ${quotaCores} are allowed.`;
    return { code: 'OutOfQuota', message };
  }

  private finish(operation: Operation): void {
    const resource = this.store.find(operation.resourceId);
    if (resource === undefined) return;
    if (operation.error !== undefined) {
      this.store.put({ ...resource, body: withState(resource.body, 'Failed') });
    } else if (operation.kind === 'Deleting') {
      this.store.remove(resource.id);
    } else {
      const body = operation.body ?? resource.body;
      this.store.put({ ...resource, body, ready: operation.to });
    }
  }

  /** The resource with what the operation in progress shows: its state, and the instances so far. */
  private view(resource: Resource): JsonObject {
    const { id, type, body } = resource;
    if (type === WORKSPACE) return body;
    const endpointId = type === ENDPOINT ? id : endpointOf(id);
    const operation = this.store.openOperation(endpointId);
    const concerned = operation?.resourceId === id.toLowerCase() ? operation : undefined;
    if (type === ENDPOINT) {
      const state = concerned?.kind ?? (operation === undefined ? undefined : 'Updating');
      return state === undefined ? body : withState(body, state);
    }
    const shown = concerned === undefined ? body : withState(body, concerned.kind);
    const ready = concerned === undefined ? resource.ready : this.readySoFar(concerned);
    return withReady(shown, ready);
  }

  /** Instances come, and go, evenly over the operation's time. */
  private readySoFar(operation: Operation): number {
    const { startedMs, endsMs, from, to, error } = operation;
    if (error !== undefined) return from;
    const share = Math.min(1, (this.options.clock() - startedMs) / (endsMs - startedMs));
    return from + Math.trunc((to - from) * Math.max(0, share));
  }

  private checkParent(id: string | undefined): void {
    if (id !== undefined && this.store.find(id) === undefined) throw parentNotFound(id);
  }

  private checkIdle(endpointId: string): void {
    const operation = this.store.openOperation(endpointId);
    if (operation === undefined) return;
    const message = `${endpointId} takes one operation at a time and is ${operation.kind} now: try again later.`;
    throw new ArmError(409, 'Conflict', message);
  }
}

export const endpointOf = (deploymentId: string): string =>
  deploymentId.split('/').slice(0, -2).join('/');

function bodyOf(id: string, type: string, body: JsonObject, state: string): JsonObject {
  const name = id.split('/').at(-1) ?? '';
  if (typeof body['location'] !== 'string') throw badRequest(`location of ${name} is missing.`);
  return withState({ id, name, type, ...writableOf(body) }, state);
}

function withState(body: JsonObject, provisioningState: string): JsonObject {
  return { ...body, properties: { ...memberObject(body, 'properties'), provisioningState } };
}

/** In the property dictionary of the deployment, which holds texts and which SDKs pass on. */
function withReady(body: JsonObject, ready: number): JsonObject {
  const properties = memberObject(body, 'properties');
  const dictionary: Record<string, Json | undefined> = {
    ...memberObject(properties, 'properties'),
    readyInstances: String(ready),
  };
  return { ...body, properties: { ...properties, properties: dictionary } };
}

function capacityOf(body: JsonObject): number {
  const capacity = memberObject(body, 'sku')['capacity'];
  return typeof capacity === 'number' ? capacity : 0;
}

function instanceTypeOf(body: JsonObject): string {
  const type = memberObject(body, 'properties')['instanceType'];
  return typeof type === 'string' ? type : 'Standard_DS3_v2';
}
