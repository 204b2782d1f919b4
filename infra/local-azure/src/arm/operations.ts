import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../json.ts';
import { ArmError, notFound } from './errors.ts';
import type {
  Operation,
  OperationError,
  OperationKind,
  OperationStore,
} from './operation-store.ts';
import { memberObject } from './request.ts';
import type { ArmAnswer, Call, Handler } from './router.ts';
import { json, nameOf } from './router.ts';
import type { ArmStore } from './store.ts';

export interface OperationsOptions {
  readonly store: ArmStore;
  readonly operations: OperationStore;
  readonly clock: () => number;
  /** How long an operation runs. */
  readonly provisioningMs: number;
  /** Takes the error that a test wants the next operation of the resource to end with. */
  readonly takeFailure: (resourceId: string) => OperationError | undefined;
  /** Told of each operation that ended, in the transaction of its effect. */
  readonly onSettled: (operation: Operation) => void;
}

export type OperationChange = Pick<Operation, 'scopeId' | 'resourceId' | 'from' | 'to' | 'body'>;

/** Where a provider has the state of its operations: below `subscriptions/s/providers/P/locations/l`. */
export interface OperationPaths {
  readonly provider: string;
  readonly status: string;
  readonly result: string;
}

/**
 * Long-running operations on deployments and what holds them. A scope takes one at a time:
 *
 *     (absent) ──put──► Creating ──► Succeeded ◄──► Updating | Scaling
 *                          │             │               │
 *                          └──────► Failed ◄─────────────┘       any ──delete──► Deleting ──► (absent)
 *
 * A failed operation changes nothing but the state. Every state but Succeeded and Failed is busy.
 */
export class Operations {
  private readonly options: OperationsOptions;

  constructor(options: OperationsOptions) {
    this.options = options;
  }

  /** Lets every operation whose time has come take its effect. Called before anything is looked at. */
  settle(): void {
    const { store, operations, clock } = this.options;
    const now = clock();
    for (const operation of operations.due(now)) {
      store.transact(() => {
        this.finish(operation);
        operations.settle(operation.id, now);
        this.options.onSettled(operation);
      });
    }
  }

  begin(kind: OperationKind, change: OperationChange, error?: OperationError): Operation {
    const startedMs = Math.round(this.options.clock());
    const endsMs = startedMs + this.options.provisioningMs;
    const ends = this.options.takeFailure(change.resourceId) ?? error;
    const id = randomUUID();
    const operation = { id, kind, startedMs, endsMs, error: ends, isSettled: false, ...change };
    this.options.operations.add(operation);
    return operation;
  }

  open(scopeId: string): Operation | undefined {
    return this.options.operations.open(scopeId);
  }

  openBelow(prefix: string): readonly Operation[] {
    return this.options.operations.openBelow(prefix);
  }

  /** Instances come, and go, evenly over the operation's time. */
  readySoFar(operation: Operation): number {
    const { startedMs, endsMs, from, to, error } = operation;
    if (error !== undefined) return from;
    const share = Math.min(1, (this.options.clock() - startedMs) / (endsMs - startedMs));
    return from + Math.trunc((to - from) * Math.max(0, share));
  }

  /** Where the client asks for the state and, after a PATCH or DELETE, for the result. */
  headers(
    { request, names }: Call,
    operation: Operation,
    paths: OperationPaths,
    withLocation: boolean,
  ): Record<string, string> {
    const subscription = names['subscription'] ?? '';
    const base = `${request.baseUrl}/subscriptions/${subscription}/providers/${paths.provider}`;
    const version = `api-version=${request.apiVersion}`;
    const of = (what: string): string =>
      `${base}/locations/local/${what}/${operation.id}?${version}`;
    const headers: Record<string, string> = {
      'azure-asyncoperation': of(paths.status),
      'x-ms-async-operation-timeout': 'PT1H',
      'retry-after': this.retryAfter(),
    };
    if (withLocation) headers['location'] = of(paths.result);
    return headers;
  }

  accepted(call: Call, operation: Operation | undefined, paths: OperationPaths): ArmAnswer {
    if (operation === undefined) return { status: 204 };
    const headers = this.headers(call, operation, paths, true);
    return { status: 202, headers, operationId: operation.id };
  }

  /** Of `Azure-AsyncOperation`. */
  readonly status: Handler = (call) => {
    const operation = this.known(call);
    const { id, error } = operation;
    const startTime = new Date(operation.startedMs).toISOString();
    const of = { id: call.id, name: id, startTime };
    if (!operation.isSettled) {
      const headers = { 'retry-after': this.retryAfter() };
      return { ...json(200, { ...of, status: 'InProgress' }), headers };
    }
    const status = error === undefined ? 'Succeeded' : 'Failed';
    const endTime = new Date(operation.endsMs).toISOString();
    return json(200, { ...of, status, endTime, error });
  };

  /** Of `Location`: 202 while it runs, then what a GET of the resource answers. */
  result(show: (id: string) => ArmAnswer, paths: OperationPaths): Handler {
    return (call) => {
      const operation = this.known(call);
      if (!operation.isSettled) return this.accepted(call, operation, paths);
      const { error, kind, resourceId } = operation;
      if (error !== undefined) throw new ArmError(400, error.code, error.message);
      return kind === 'Deleting' ? { status: 204 } : show(resourceId);
    };
  }

  private known(call: Call): Operation {
    const operation = this.options.operations.find(nameOf(call, 'operation'));
    if (operation === undefined) throw notFound(call.id);
    return operation;
  }

  /** Whole seconds; operations that are shorter are asked for at once. */
  private retryAfter(): string {
    return this.options.provisioningMs >= 1000 ? '1' : '0';
  }

  private finish(operation: Operation): void {
    const { store } = this.options;
    const resource = store.find(operation.resourceId);
    if (resource === undefined) return;
    if (operation.error !== undefined) {
      store.put({ ...resource, body: withState(resource.body, 'Failed') });
    } else if (operation.kind === 'Deleting') {
      store.remove(resource.id);
    } else {
      const body = operation.body ?? resource.body;
      store.put({ ...resource, body, ready: operation.to });
    }
  }
}

export function withState(body: JsonObject, provisioningState: string): JsonObject {
  return { ...body, properties: { ...memberObject(body, 'properties'), provisioningState } };
}

/** The id of what holds this resource. */
export const parentOf = (id: string): string => id.split('/').slice(0, -2).join('/');

export function capacityOf(body: JsonObject): number {
  const capacity: Json | undefined = memberObject(body, 'sku')['capacity'];
  return typeof capacity === 'number' ? capacity : 0;
}
