import type { JsonObject } from '../../json.ts';
import { ArmError, badRequest, notFound, parentNotFound } from '../errors.ts';
import type { Operation } from '../operation-store.ts';
import type { Operations } from '../operations.ts';
import { capacityOf, parentOf, withState } from '../operations.ts';
import { locationOf, memberObject, tagsOf } from '../request.ts';
import type { ArmStore, Resource } from '../store.ts';
import type { Accounts } from './accounts.ts';
import { DEPLOYMENT, kindOf } from './accounts.ts';
import type { ModelQuota } from './model-quota.ts';
import type { Model, ModelSku } from './models.ts';
import { checkUnits, findModel, findModelSku, rateLimitsOf } from './models.ts';

interface Parts {
  readonly store: ArmStore;
  readonly operations: Operations;
  readonly accounts: Accounts;
  readonly quota: ModelQuota;
}

/** Model deployments of an account: what is set is `sku.capacity`, what follows are the rate limits. */
export class ModelDeployments {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  read(id: string): JsonObject {
    return this.view(this.known(id));
  }

  list(accountId: string): readonly JsonObject[] {
    this.parts.accounts.known(accountId);
    const found = this.parts.store.list(`${accountId}/`, DEPLOYMENT);
    return found.map((resource) => this.view(resource));
  }

  put(id: string, body: JsonObject): [Operation, boolean] {
    const { store, operations } = this.parts;
    const account = this.idleAccount(id);
    const model = findModel(memberObject(memberObject(body, 'properties'), 'model'));
    const sku = findModelSku(model, memberObject(body, 'sku')['name']);
    const asked = memberObject(body, 'sku')['capacity'] ?? sku.capacity.default;
    const to = this.checked(id, account, model, sku, asked);
    const old = store.find(id);
    const wanted = bodyOf(old?.id ?? id, body, model, sku, to);
    const from = old?.ready ?? 0;
    const change = { scopeId: account.id, resourceId: id, from, to, body: wanted };
    if (old === undefined) store.put({ id, type: DEPLOYMENT, ready: 0, body: wanted });
    const kind = old === undefined ? 'Creating' : 'Updating';
    return [operations.begin(kind, change), old === undefined];
  }

  /** Tags are there at once; another `sku.capacity` is an operation. */
  patch(id: string, change: JsonObject): Operation | undefined {
    const { store, operations } = this.parts;
    const old = this.known(id);
    const account = this.idleAccount(id);
    const model = modelOf(old.body);
    const sku = findModelSku(model, skuName(change) ?? skuName(old.body));
    const asked = memberObject(change, 'sku')['capacity'] ?? capacityOf(old.body);
    const to = this.checked(id, account, model, sku, asked);
    const body = { ...old.body, ...tagsOf(change), properties: patched(old.body, change) };
    if (to === capacityOf(old.body) && sku.name === skuName(old.body) && old.ready === to) {
      store.put({ ...old, body });
      return undefined;
    }
    const wanted = bodyOf(old.id, body, model, sku, to);
    const scaling = { scopeId: account.id, resourceId: id, from: old.ready, to, body: wanted };
    return operations.begin('Scaling', scaling);
  }

  remove(id: string): Operation | undefined {
    const old = this.parts.store.find(id);
    if (old === undefined) return undefined;
    const { id: scopeId } = this.idleAccount(id);
    const change = { scopeId, resourceId: id, from: old.ready, to: 0, body: undefined };
    return this.parts.operations.begin('Deleting', change);
  }

  /** The SKUs of its model, with what the capacity may be. */
  skus(id: string): readonly JsonObject[] {
    return modelOf(this.known(id).body).skus.map(({ name, capacity }) => ({
      resourceType: DEPLOYMENT,
      sku: { name },
      capacity: { ...capacity },
    }));
  }

  private known(id: string): Resource {
    const found = this.parts.store.find(id);
    if (found === undefined) throw notFound(id);
    return found;
  }

  private idleAccount(id: string): Resource {
    const account = this.parts.store.find(parentOf(id));
    if (account === undefined) throw parentNotFound(parentOf(id));
    const kind = kindOf(account.body);
    if (!kind.hasDeployments) {
      const message = `An account of kind ${kind.name} has no model deployments: OpenAI and AIServices have.`;
      throw new ArmError(400, 'InvalidAccountKind', message);
    }
    this.parts.accounts.checkIdle(account.id);
    return account;
  }

  private checked(
    id: string,
    account: Resource,
    model: Model,
    sku: ModelSku,
    units: unknown,
  ): number {
    const to = checkUnits(sku.capacity, units);
    this.parts.quota.check(id, locationOf(account.body), model, sku, to);
    return to;
  }

  private view({ id, body }: Resource): JsonObject {
    const operation = this.parts.operations.open(parentOf(id));
    if (operation?.resourceId !== id.toLowerCase()) return body;
    // Azure's deployments know no state for a change but this one.
    const isChange = operation.kind === 'Updating' || operation.kind === 'Scaling';
    return withState(body, isChange ? 'Accepted' : operation.kind);
  }
}

function bodyOf(
  id: string,
  body: JsonObject,
  model: Model,
  sku: ModelSku,
  units: number,
): JsonObject {
  const { name, version, format } = model;
  const properties = {
    versionUpgradeOption: 'OnceNewDefaultVersionAvailable',
    ...memberObject(body, 'properties'),
    model: { format, name, version },
    currentCapacity: units,
    rateLimits: rateLimitsOf(sku, units),
    provisioningState: 'Succeeded',
  };
  const own = { id, name: id.split('/').at(-1), type: DEPLOYMENT };
  return { ...own, ...tagsOf(body), sku: { name: sku.name, capacity: units }, properties };
}

/** Of the properties a PATCH takes the switch alone, as Azure's preview does. */
function patched(body: JsonObject, change: JsonObject): JsonObject {
  const given = memberObject(change, 'properties');
  const [other] = Object.keys(given).filter((name) => name !== 'dynamicThrottlingEnabled');
  if (other !== undefined) {
    throw badRequest(`properties.${other} cannot be patched: put the deployment whole.`);
  }
  return { ...memberObject(body, 'properties'), ...given };
}

const modelOf = (body: JsonObject): Model =>
  findModel(memberObject(memberObject(body, 'properties'), 'model'));

function skuName(body: JsonObject): string | undefined {
  const name = memberObject(body, 'sku')['name'];
  return typeof name === 'string' ? name : undefined;
}
