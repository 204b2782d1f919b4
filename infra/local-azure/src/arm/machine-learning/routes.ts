import { notSupported } from '../errors.ts';
import type { OperationPaths, Operations } from '../operations.ts';
import { parentOf } from '../operations.ts';
import { idKey, pageAnswer } from '../paging.ts';
import { bodyObject } from '../request.ts';
import type { ArmAnswer, Call, Handler, Route } from '../router.ts';
import { json, nameOf } from '../router.ts';
import type { ArmStore } from '../store.ts';
import { DEPLOYMENT, ENDPOINT, Endpoints, WORKSPACE } from './endpoints.ts';
import { CoreQuota, MAX_INSTANCES, MIN_INSTANCES } from './quota.ts';

const API_VERSIONS = ['2022-10-01', '2023-04-01', '2023-10-01', '2024-04-01', '2024-10-01'];
const PROVIDER = 'Microsoft.MachineLearningServices';
const PATHS: OperationPaths = {
  provider: PROVIDER,
  status: 'mfeOperationsStatus',
  result: 'mfeOperationResults',
};

export interface MachineLearningOptions {
  readonly store: ArmStore;
  readonly operations: Operations;
  readonly quotaCores: number | undefined;
  readonly pageSize: number;
}

/** Azure Machine Learning: workspaces, online endpoints, their deployments, and the cores in use. */
export function machineLearningRoutes(options: MachineLearningOptions): readonly Route[] {
  const { store, operations, pageSize } = options;
  const quota = new CoreQuota(store, options.quotaCores);
  const endpoints = new Endpoints(store, operations, quota);
  const { lists, simple, deployment } = handlers(endpoints, operations, pageSize);
  const subscription = `subscriptions/{subscription}/providers/${PROVIDER}`;
  const group = `subscriptions/{subscription}/resourceGroups/{group}/providers/${PROVIDER}`;
  const one = `${group}/workspaces/{workspace}`;
  const location = `${subscription}/locations/{location}`;
  const show = (id: string): ArmAnswer => json(200, endpoints.read(id));
  const usages: Handler = (call) => {
    const value = quota.usages(nameOf(call, 'subscription'), nameOf(call, 'location'));
    return json(200, { value });
  };
  const route = (path: string, methods: Route['methods']): Route => {
    return { path, apiVersions: API_VERSIONS, methods };
  };
  const deployments = `${one}/onlineEndpoints/{endpoint}/deployments`;
  return [
    route(`${subscription}/workspaces`, { GET: lists(WORKSPACE) }),
    route(`${group}/workspaces`, { GET: lists(WORKSPACE) }),
    route(one, simple(WORKSPACE)),
    route(`${one}/onlineEndpoints`, { GET: lists(ENDPOINT) }),
    route(`${one}/onlineEndpoints/{endpoint}`, simple(ENDPOINT)),
    route(deployments, { GET: lists(DEPLOYMENT) }),
    route(`${deployments}/{deployment}`, deployment),
    route(`${deployments}/{deployment}/skus`, { GET: skus(endpoints) }),
    route(`${deployments}/{deployment}/getLogs`, { POST: noLogs }),
    route(`${one}/onlineEndpoints/{endpoint}/listKeys`, { POST: noKeys }),
    route(`${location}/usages`, { GET: usages }),
    route(`${location}/mfeOperationsStatus/{operation}`, { GET: operations.status }),
    route(`${location}/mfeOperationResults/{operation}`, { GET: operations.result(show, PATHS) }),
  ];
}

function handlers(endpoints: Endpoints, operations: Operations, pageSize: number) {
  const show = (status: number, id: string): ArmAnswer => json(status, endpoints.read(id));
  const accepted = (call: Call, operation: Parameters<Operations['accepted']>[1]): ArmAnswer =>
    operations.accepted(call, operation, PATHS);
  const lists =
    (type: string): Handler =>
    (call) => {
      // Of a subscription: in any of its groups.
      const prefix = call.names['group'] === undefined ? call.id.split('/providers/')[0] : call.id;
      if (type !== WORKSPACE) endpoints.read(call.id.slice(0, call.id.lastIndexOf('/')));
      const found = endpoints.list(`${prefix}/`, type);
      return pageAnswer(call.request, pageSize, found, idKey, (body) => body);
    };
  const simple = (type: string): Route['methods'] => ({
    GET: ({ id }) => show(200, id),
    PUT: ({ id, request }) =>
      show(endpoints.putSimple(id, type, bodyObject(request)) ? 201 : 200, id),
    PATCH: ({ id, request }) => {
      endpoints.patchSimple(id, type, bodyObject(request));
      return show(200, id);
    },
    DELETE: (call) =>
      type === ENDPOINT
        ? accepted(call, endpoints.remove(call.id, call.id))
        : { status: endpoints.removeWorkspace(call.id) ? 200 : 204 },
  });
  const deployment: Route['methods'] = {
    GET: ({ id }) => show(200, id),
    PUT: (call) => {
      const { id, request } = call;
      const [operation, created] = endpoints.putDeployment(id, parentOf(id), bodyObject(request));
      const headers = operations.headers(call, operation, PATHS, false);
      return { ...show(created ? 201 : 200, id), headers, operationId: operation.id };
    },
    PATCH: (call) => {
      const { id, request } = call;
      const operation = endpoints.patchDeployment(id, parentOf(id), bodyObject(request));
      return operation === undefined ? show(200, id) : accepted(call, operation);
    },
    DELETE: (call) => accepted(call, endpoints.remove(call.id, parentOf(call.id))),
  };
  return { lists, simple, deployment };
}

const skus =
  (endpoints: Endpoints): Handler =>
  ({ id }) => {
    endpoints.read(id.slice(0, id.lastIndexOf('/')));
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
    return json(200, { value: [sku] });
  };

const noLogs: Handler = () => {
  throw notSupported('logs of a deployment', 'Nothing runs in its deployments.');
};

const noKeys: Handler = () => {
  throw notSupported('keys of an online endpoint', 'Nothing is scored here.');
};
