import type { Answer } from '../http.ts';
import { endpointOf, DEPLOYMENT, ENDPOINT, WORKSPACE } from './endpoints.ts';
import type { Endpoints } from './endpoints.ts';
import { ArmError, notFound } from './errors.ts';
import { MAX_INSTANCES, MIN_INSTANCES } from './quota.ts';
import type { ArmRequest, ProviderPath } from './request.ts';
import { bodyObject, checkApiVersion } from './request.ts';
import type { ArmStore, Operation } from './store.ts';

const API_VERSIONS = ['2022-10-01'];
const PROVIDER = 'Microsoft.MachineLearningServices';

/** What the routes of Azure Machine Learning work on. */
export interface MachineLearning {
  readonly store: ArmStore;
  readonly endpoints: Endpoints;
  readonly provisioningMs: number;
}

/**
 * Answers `workspaces[/w[/onlineEndpoints[/e[/deployments[/d[/skus]]]]]]`, and below `locations` the
 * state of operations.
 */
export function answerMachineLearning(
  ml: MachineLearning,
  path: ProviderPath,
  request: ArmRequest,
): Answer {
  checkApiVersion(request, API_VERSIONS);
  ml.endpoints.settle();
  const { rest } = path;
  if (rest[0]?.toLowerCase() === 'locations') return operationAnswer(ml, path, request);
  if (!fits(rest)) throw unsupported(request);
  const id = idOf(path);
  const type = [WORKSPACE, ENDPOINT, DEPLOYMENT][Math.ceil(rest.length / 2) - 1];
  if (rest.length === 7) return skus(ml, id.slice(0, id.lastIndexOf('/')), request);
  if (type === undefined) throw unsupported(request);
  if (rest.length % 2 === 1) return list(ml, id, type, request);
  return type === DEPLOYMENT
    ? oneDeployment(ml, id, path, request)
    : oneSimple(ml, id, type, path, request);
}

function fits(rest: readonly string[]): boolean {
  const words = ['workspaces', 'onlineendpoints', 'deployments', 'skus'];
  const given = rest.filter((_, index) => index % 2 === 0);
  return rest.length <= 7 && given.every((word, index) => word.toLowerCase() === words[index]);
}

/** The id in the case of the documents, whatever the client's. */
function idOf({ subscription, resourceGroup, rest }: ProviderPath): string {
  const words = ['workspaces', 'onlineEndpoints', 'deployments', 'skus'];
  const parts = rest.map((part, index) => (index % 2 === 0 ? (words[index / 2] ?? part) : part));
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup ?? ''}`;
  return [group, 'providers', PROVIDER, ...parts].join('/');
}

function list(ml: MachineLearning, id: string, type: string, request: ArmRequest): Answer {
  if (request.method !== 'GET') throw unsupported(request);
  const value = ml.endpoints.list(`${id}/`, type);
  return { status: 200, body: JSON.stringify({ value }) };
}

function oneSimple(
  ml: MachineLearning,
  id: string,
  type: string,
  path: ProviderPath,
  request: ArmRequest,
): Answer {
  switch (request.method) {
    case 'GET':
      return show(ml, 200, id);
    case 'PUT': {
      const parent = type === ENDPOINT ? endpointOf(id) : undefined;
      const created = ml.endpoints.putSimple(id, type, parent, bodyObject(request));
      return show(ml, created ? 201 : 200, id);
    }
    case 'DELETE': {
      if (type === ENDPOINT) return accepted(ml, path, request, ml.endpoints.remove(id, id));
      return { status: ml.endpoints.removeWorkspace(id) ? 200 : 204 };
    }
    default:
      throw unsupported(request);
  }
}

function oneDeployment(
  ml: MachineLearning,
  id: string,
  path: ProviderPath,
  request: ArmRequest,
): Answer {
  const endpointId = endpointOf(id);
  switch (request.method) {
    case 'GET':
      return show(ml, 200, id);
    case 'PUT': {
      const [operation, created] = ml.endpoints.putDeployment(id, endpointId, bodyObject(request));
      const answer = show(ml, created ? 201 : 200, id);
      return { ...answer, headers: operationHeaders(ml, path, request, operation, false) };
    }
    case 'PATCH': {
      const operation = ml.endpoints.patchDeployment(id, endpointId, bodyObject(request));
      return operation === undefined ? show(ml, 200, id) : accepted(ml, path, request, operation);
    }
    case 'DELETE':
      return accepted(ml, path, request, ml.endpoints.remove(id, endpointId));
    default:
      throw unsupported(request);
  }
}

const show = (ml: MachineLearning, status: number, id: string): Answer => ({
  status,
  body: JSON.stringify(ml.endpoints.read(id)),
});

function accepted(
  ml: MachineLearning,
  path: ProviderPath,
  request: ArmRequest,
  operation: Operation | undefined,
): Answer {
  if (operation === undefined) return { status: 204 };
  return { status: 202, headers: operationHeaders(ml, path, request, operation, true) };
}

/** Where the client asks for the state and, after a PATCH or DELETE, for the result. */
function operationHeaders(
  ml: MachineLearning,
  path: ProviderPath,
  request: ArmRequest,
  operation: Operation,
  withLocation: boolean,
): Record<string, string> {
  const base = `${request.baseUrl}/subscriptions/${path.subscription}/providers/${PROVIDER}`;
  const version = `api-version=${request.apiVersion}`;
  const of = (what: string): string => `${base}/locations/local/${what}/${operation.id}?${version}`;
  const headers: Record<string, string> = {
    'azure-asyncoperation': of('mfeOperationsStatus'),
    'x-ms-async-operation-timeout': 'PT1H',
    'retry-after': retryAfter(ml),
  };
  if (withLocation) headers['location'] = of('mfeOperationResults');
  return headers;
}

/** Whole seconds; operations that are shorter are asked for at once. */
const retryAfter = (ml: MachineLearning): string => (ml.provisioningMs >= 1000 ? '1' : '0');

function operationAnswer(ml: MachineLearning, path: ProviderPath, request: ArmRequest): Answer {
  const [, , kind, id] = path.rest;
  const operation = id === undefined ? undefined : ml.store.operation(id);
  if (request.method !== 'GET' || operation === undefined)
    throw notFound(request.segments.join('/'));
  switch (kind?.toLowerCase()) {
    case 'mfeoperationsstatus':
      return statusAnswer(ml, operation);
    case 'mfeoperationresults':
      return resultAnswer(ml, path, request, operation);
    default:
      throw unsupported(request);
  }
}

function statusAnswer(ml: MachineLearning, operation: Operation): Answer {
  const { id, error } = operation;
  const startTime = new Date(operation.startedMs).toISOString();
  if (!operation.isSettled) {
    const body = JSON.stringify({ id, name: id, status: 'InProgress', startTime });
    return { status: 200, headers: { 'retry-after': retryAfter(ml) }, body };
  }
  const status = error === undefined ? 'Succeeded' : 'Failed';
  const endTime = new Date(operation.endsMs).toISOString();
  return { status: 200, body: JSON.stringify({ id, name: id, status, startTime, endTime, error }) };
}

function resultAnswer(
  ml: MachineLearning,
  path: ProviderPath,
  request: ArmRequest,
  operation: Operation,
): Answer {
  if (!operation.isSettled) return accepted(ml, path, request, operation);
  const { error, kind, resourceId } = operation;
  if (error !== undefined) throw new ArmError(400, error.code, error.message);
  return kind === 'Deleting' ? { status: 204 } : show(ml, 200, resourceId);
}

function skus(ml: MachineLearning, id: string, request: ArmRequest): Answer {
  if (request.method !== 'GET') throw unsupported(request);
  ml.endpoints.read(id);
  const sku = {
    resourceType: 'Microsoft.MachineLearningServices/endpoints/deployments',
    sku: { name: 'Default', tier: 'Standard' },
    capacity: {
      minimum: MIN_INSTANCES,
      maximum: MAX_INSTANCES,
      default: MIN_INSTANCES,
      scaleType: 'Automatic',
    },
  };
  return { status: 200, body: JSON.stringify({ value: [sku] }) };
}

function unsupported(request: ArmRequest): ArmError {
  const what = `${request.method} /${request.segments.join('/')}`;
  return new ArmError(404, 'InvalidResourceType', `The embedded Azure has no ${what}.`);
}
