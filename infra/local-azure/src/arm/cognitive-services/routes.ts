import { badRequest, notSupported } from '../errors.ts';
import type { OperationPaths, Operations } from '../operations.ts';
import { idKey, pageAnswer } from '../paging.ts';
import { bodyObject } from '../request.ts';
import type { ArmAnswer, Call, Handler, Route } from '../router.ts';
import { json, nameOf } from '../router.ts';
import type { ArmStore } from '../store.ts';
import { Accounts, kindOf } from './accounts.ts';
import { ModelDeployments } from './deployments.ts';
import { KINDS } from './kinds.ts';
import { ModelQuota } from './model-quota.ts';
import { findModel, MODELS, modelBody } from './models.ts';

const API_VERSIONS = ['2023-05-01', '2023-10-01-preview', '2024-10-01', '2025-06-01', '2025-09-01'];
const PROVIDER = 'Microsoft.CognitiveServices';
const PATHS: OperationPaths = {
  provider: PROVIDER,
  status: 'operationStatuses',
  result: 'operationResults',
};

export interface CognitiveServices {
  readonly routes: readonly Route[];
  readonly quota: ModelQuota;
}

/** Azure AI services: accounts, model deployments, and the quotas that these share. */
export function cognitiveServices(
  store: ArmStore,
  operations: Operations,
  pageSize: number,
): CognitiveServices {
  const accounts = new Accounts(store, operations);
  const quota = new ModelQuota(store, operations);
  const deployments = new ModelDeployments({ store, operations, accounts, quota });
  const subscription = `subscriptions/{subscription}/providers/${PROVIDER}`;
  const group = `subscriptions/{subscription}/resourceGroups/{group}/providers/${PROVIDER}`;
  const one = `${group}/accounts/{account}`;
  const all: Readonly<Record<string, Route['methods']>> = {
    [`${subscription}/accounts`]: { GET: listAccounts(accounts, pageSize) },
    [`${group}/accounts`]: { GET: listAccounts(accounts, pageSize) },
    [one]: accountMethods(accounts),
    ...accountParts(one, accounts),
    [`${one}/deployments`]: { GET: listDeployments(deployments, pageSize) },
    [`${one}/deployments/{deployment}`]: deploymentMethods(deployments, operations),
    [`${one}/deployments/{deployment}/skus`]: {
      GET: ({ id }) => json(200, { value: deployments.skus(aboveOf(id)) }),
    },
    ...regionParts(subscription, quota),
    [`${subscription}/locations/{location}/operationStatuses/{operation}`]: {
      GET: operations.status,
    },
    [`${subscription}/locations/{location}/operationResults/{operation}`]: {
      GET: operations.result((id) => json(200, deployments.read(id)), PATHS),
    },
  };
  const routes = Object.entries(all).map(([path, methods]) => {
    return { path, apiVersions: API_VERSIONS, methods };
  });
  return { routes, quota };
}

function accountMethods(accounts: Accounts): Route['methods'] {
  return {
    GET: ({ id }) => json(200, accounts.read(id)),
    PUT: ({ id, request }) => {
      const created = accounts.put(id, bodyObject(request));
      return json(created ? 201 : 200, accounts.read(id));
    },
    PATCH: ({ id, request }) => {
      accounts.patch(id, bodyObject(request));
      return json(200, accounts.read(id));
    },
    DELETE: ({ id }) => ({ status: accounts.remove(id) ? 200 : 204 }),
  };
}

function accountParts(one: string, accounts: Accounts): Readonly<Record<string, Route['methods']>> {
  return {
    [`${one}/listKeys`]: { POST: ({ id }) => json(200, accounts.keys(aboveOf(id))) },
    [`${one}/regenerateKey`]: {
      POST: ({ id, request }) =>
        json(200, accounts.regenerateKey(aboveOf(id), bodyObject(request))),
    },
    [`${one}/usages`]: { GET: ({ id }) => json(200, { value: accounts.usages(aboveOf(id)) }) },
    [`${one}/skus`]: { GET: ({ id }) => json(200, { value: accounts.skus(aboveOf(id)) }) },
    [`${one}/models`]: {
      GET: ({ id }) => {
        const { hasDeployments } = kindOf(accounts.known(aboveOf(id)).body);
        return json(200, { value: hasDeployments ? MODELS.map(modelBody) : [] });
      },
    },
  };
}

function deploymentMethods(
  deployments: ModelDeployments,
  operations: Operations,
): Route['methods'] {
  const show = (status: number, id: string): ArmAnswer => json(status, deployments.read(id));
  return {
    GET: ({ id }) => show(200, id),
    PUT: (call) => {
      const [operation, created] = deployments.put(call.id, bodyObject(call.request));
      const headers = operations.headers(call, operation, PATHS, false);
      return { ...show(created ? 201 : 200, call.id), headers, operationId: operation.id };
    },
    PATCH: (call) => {
      const operation = deployments.patch(call.id, bodyObject(call.request));
      if (operation === undefined) return show(200, call.id);
      return operations.accepted(call, operation, PATHS);
    },
    DELETE: (call) => operations.accepted(call, deployments.remove(call.id), PATHS),
  };
}

function regionParts(
  subscription: string,
  quota: ModelQuota,
): Readonly<Record<string, Route['methods']>> {
  const capacities = (call: Call, locations: readonly string[]): ArmAnswer =>
    json(200, {
      value: quota.capacities(nameOf(call, 'subscription'), locations, askedModel(call)),
    });
  const models: Handler = () => {
    const kinds = KINDS.filter(({ hasDeployments }) => hasDeployments);
    const value = kinds.flatMap(({ name: kind }) =>
      MODELS.map((model) => ({ kind, skuName: 'S0', model: modelBody(model) })),
    );
    return json(200, { value });
  };
  return {
    [`${subscription}/modelCapacities`]: {
      GET: (call) => capacities(call, quota.locations(nameOf(call, 'subscription'))),
    },
    [`${subscription}/locations/{location}/modelCapacities`]: {
      GET: (call) => capacities(call, [nameOf(call, 'location')]),
    },
    [`${subscription}/locations/{location}/usages`]: {
      GET: (call) => {
        const value = quota.usages(nameOf(call, 'subscription'), nameOf(call, 'location'));
        return json(200, { value });
      },
    },
    [`${subscription}/locations/{location}/models`]: { GET: models },
    [`${subscription}/skus`]: { GET: resourceSkus },
    [`${subscription}/calculateModelCapacity`]: { POST: noCalculation },
  };
}

const listAccounts =
  (accounts: Accounts, pageSize: number): Handler =>
  ({ id, names, request }) => {
    const prefix = names['group'] === undefined ? id.split('/providers/')[0] : id;
    const found = accounts.list(`${prefix}/`);
    return pageAnswer(request, pageSize, found, idKey, (body) => body);
  };

const listDeployments =
  (deployments: ModelDeployments, pageSize: number): Handler =>
  ({ id, request }) =>
    pageAnswer(request, pageSize, deployments.list(aboveOf(id)), idKey, (body) => body);

const resourceSkus: Handler = () => {
  const value = KINDS.flatMap(({ name: kind, skus }) =>
    skus.map((name) => ({ resourceType: 'accounts', name, kind, locations: [], restrictions: [] })),
  );
  return json(200, { value });
};

const noCalculation: Handler = () => {
  throw notSupported('calculateModelCapacity', 'modelCapacities tells what is left.');
};

function askedModel({ request }: Call) {
  const [format, name, version] = ['modelFormat', 'modelName', 'modelVersion'].map((each) => {
    const value = request.query.get(each);
    if (value === null) throw badRequest(`The query parameter ${each} is missing.`);
    return value;
  });
  return findModel({ format, name, version });
}

/** The resource that a last word, such as `skus`, is asked of. */
const aboveOf = (id: string): string => id.slice(0, id.lastIndexOf('/'));
