import type { JsonObject } from '../../json.ts';
import { ArmError, badRequest } from '../errors.ts';
import type { Operations } from '../operations.ts';
import { parentOf } from '../operations.ts';
import { locationKey, locationOf, memberObject } from '../request.ts';
import type { ArmStore } from '../store.ts';
import { LOCATIONS } from '../resources/subscriptions.ts';
import { ACCOUNT, DEPLOYMENT } from './accounts.ts';
import type { Model, ModelSku } from './models.ts';
import { findModel, findModelSku, MODELS } from './models.ts';

/** Units that the backend of a region has for a model and SKU, all subscriptions together. */
const BACKEND_UNITS = 100_000;

export interface QuotaChange {
  readonly subscription: string;
  readonly location: string;
  /** As `usages` names it, for instance `OpenAI.Standard.gpt-4o`. */
  readonly usageName: string;
  readonly limit: number;
}

export interface BackendChange {
  readonly location: string;
  readonly modelName: string;
  readonly skuName: string;
  /** Units in all, those in use included. */
  readonly units: number;
}

/**
 * Two bounds of a model deployment, in units of capacity: the quota that a subscription has in a
 * region for a model and SKU, and what the backend of the region has left of it.
 */
export class ModelQuota {
  private readonly store: ArmStore;
  private readonly operations: Operations;

  constructor(store: ArmStore, operations: Operations) {
    this.store = store;
    this.operations = operations;
  }

  /** Checks that the deployment can have so many units, counting those that it has already. */
  check(id: string, location: string, model: Model, sku: ModelSku, units: number): void {
    const subscription = id.split('/')[2] ?? '';
    const others = this.used(`/subscriptions/${subscription}/`, location, sku, id);
    const own = this.unitsOf(id);
    if (units <= own) return;
    const limit = this.limit(subscription, location, sku);
    if (others + units > limit) throw insufficientQuota(units - own, others + own, limit, model);
    const free = this.available(location, model, sku);
    if (units - own <= free) return;
    const message = `The region ${location} has ${free} units of ${model.name} ${sku.name} left: ask for fewer, or later.`;
    throw new ArmError(400, 'InsufficientCapacity', message);
  }

  setLimit({ subscription, location, usageName, limit }: QuotaChange): void {
    const known = MODELS.flatMap(({ skus }) => skus.map((sku) => sku.usageName));
    if (!known.includes(usageName)) {
      throw badRequest(`usageName is one of ${known.join(', ')}, not '${usageName}'.`);
    }
    this.store.setFact(limitKey(subscription, location, usageName), limit);
  }

  setBackend({ location, modelName, skuName, units }: BackendChange): void {
    const model = findModel({ format: 'OpenAI', name: modelName });
    this.store.setFact(backendKey(location, findModelSku(model, skuName)), units);
  }

  /** What `locations/l/usages` answers. */
  usages(subscription: string, location: string): readonly JsonObject[] {
    const prefix = `/subscriptions/${subscription}/`;
    return MODELS.flatMap(({ name, skus }) =>
      skus.map((sku) => ({
        name: { value: sku.usageName, localizedValue: unitOf(name, sku) },
        unit: 'Count',
        currentValue: this.used(prefix, location, sku, undefined),
        limit: this.limit(subscription, location, sku),
      })),
    );
  }

  /** What `modelCapacities` answers of one model. */
  capacities(
    subscription: string,
    locations: readonly string[],
    model: Model,
  ): readonly JsonObject[] {
    const { format, name, version } = model;
    return locations.flatMap((location) =>
      model.skus.map((sku) => ({
        id: `/subscriptions/${subscription}/providers/Microsoft.CognitiveServices/locations/${location}/models/${format}.${name}.${version}/skus/${sku.name}`,
        name: sku.name,
        type: 'Microsoft.CognitiveServices/locations/models/skus',
        location,
        properties: {
          model: { format, name, version },
          skuName: sku.name,
          availableCapacity: this.available(location, model, sku),
          availableFinetuneCapacity: 0,
        },
      })),
    );
  }

  /** Where the subscription has accounts, and where anybody would look. */
  locations(subscription: string): readonly string[] {
    const accounts = this.store.list(`/subscriptions/${subscription}/`, ACCOUNT);
    const used = accounts.map(({ body }) => locationOf(body));
    return [...new Set([...LOCATIONS, ...used])].toSorted();
  }

  private available(location: string, _model: Model, sku: ModelSku): number {
    const fact = this.store.fact(backendKey(location, sku));
    const units = typeof fact === 'number' ? fact : BACKEND_UNITS;
    return Math.max(0, units - this.used('/', location, sku, undefined));
  }

  private limit(subscription: string, location: string, sku: ModelSku): number {
    const fact = this.store.fact(limitKey(subscription, location, sku.usageName));
    return typeof fact === 'number' ? fact : sku.limit;
  }

  private used(
    prefix: string,
    location: string,
    sku: ModelSku,
    except: string | undefined,
  ): number {
    const key = locationKey(location);
    return this.store
      .list(prefix, DEPLOYMENT)
      .filter(({ id }) => id.toLowerCase() !== except?.toLowerCase())
      .filter(({ id, body }) => usageOf(body) === sku.usageName && this.locationOf(id) === key)
      .reduce((sum, { id }) => sum + this.unitsOf(id), 0);
  }

  /** Units that a deployment holds: while it is changed, the more of before and after. */
  private unitsOf(id: string): number {
    const found = this.store.find(id);
    if (found === undefined) return 0;
    const operation = this.operations.open(parentOf(found.id));
    const isConcerned = operation?.resourceId === found.id.toLowerCase();
    if (!isConcerned || operation.kind === 'Deleting') return found.ready;
    return Math.max(operation.from, operation.to);
  }

  private locationOf(id: string): string {
    return locationOf(this.store.find(parentOf(id))?.body);
  }
}

function usageOf(body: JsonObject): string {
  const model = findModel(memberObject(memberObject(body, 'properties'), 'model'));
  return findModelSku(model, memberObject(body, 'sku')['name']).usageName;
}

const unitOf = (model: string, sku: ModelSku): string =>
  sku.name.startsWith('Provisioned')
    ? `Provisioned Throughput Units - ${model}`
    : `Tokens Per Minute (thousands) - ${model} - ${sku.name}`;

/** Azure's own words, by which clients read the numbers. */
function insufficientQuota(asked: number, used: number, limit: number, model: Model): ArmError {
  const quota = `Tokens Per Minute (thousands) - ${model.name}`;
  const message =
    `This operation require ${asked} new capacity in quota ${quota}, which is bigger than the current ` +
    `available capacity ${Math.max(0, limit - used)}. The current quota usage is ${used} and the quota limit is ${limit} for quota ${quota}.`;
  return new ArmError(400, 'InsufficientQuota', message);
}

const limitKey = (subscription: string, location: string, usageName: string): string =>
  `quota:${subscription.toLowerCase()}:${locationKey(location)}:${usageName}`;

const backendKey = (location: string, sku: ModelSku): string =>
  `backend:${locationKey(location)}:${sku.usageName}`;
