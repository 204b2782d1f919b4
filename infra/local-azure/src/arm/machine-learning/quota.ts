import type { JsonObject } from '../../json.ts';
import { ArmError } from '../errors.ts';
import type { OperationError } from '../operation-store.ts';
import { capacityOf } from '../operations.ts';
import { locationKey, locationOf, memberObject } from '../request.ts';
import type { ArmStore } from '../store.ts';

/** Of an instance type whose name does not say its cores. */
const DEFAULT_CORES = 4;

export const MIN_INSTANCES = 1;
/** Azure's limit of a managed deployment. */
export const MAX_INSTANCES = 50;
/** Where no quota is given: more than Azure grants to anybody. */
const AMPLE_CORES = 1_000_000;

const DEPLOYMENT = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';

/** Cores that the online deployments of a subscription may use together in one region. */
export class CoreQuota {
  private readonly store: ArmStore;
  private readonly limit: number;

  constructor(store: ArmStore, quotaCores: number | undefined) {
    this.store = store;
    this.limit = quotaCores ?? AMPLE_CORES;
  }

  /** How an operation ends that brings the deployment to so many instances; undefined: well. */
  errorOf(id: string, instances: number, body: JsonObject): OperationError | undefined {
    const others = this.used(subscriptionOf(id), locationOf(body), id);
    const needed = others + coresOf(instanceTypeOf(body), instances);
    if (needed <= this.limit) return undefined;
    const message = `Not enough quota: ${needed} cores are needed and ${this.limit} are allowed.`;
    return { code: 'OutOfQuota', message };
  }

  /** What `usages` of the region answers. */
  usages(subscription: string, location: string): readonly JsonObject[] {
    const type = 'Microsoft.MachineLearningServices/usages';
    const value = 'Total Cluster Dedicated Regional vCPUs';
    const root = `/subscriptions/${subscription}/providers/Microsoft.MachineLearningServices`;
    return [
      {
        id: `${root}/locations/${location}/usages/${encodeURIComponent(value)}`,
        amlWorkspaceLocation: location,
        type,
        unit: 'Count',
        name: { value, localizedValue: value },
        currentValue: this.used(subscription, locationKey(location), undefined),
        limit: this.limit,
      },
    ];
  }

  private used(subscription: string, location: string, except: string | undefined): number {
    return this.store
      .list(`/subscriptions/${subscription}/`, DEPLOYMENT)
      .filter(({ id, body }) => {
        return id.toLowerCase() !== except?.toLowerCase() && locationOf(body) === location;
      })
      .reduce((sum, { body }) => sum + coresOf(instanceTypeOf(body), capacityOf(body)), 0);
  }
}

/**
 * Cores that the quota counts for so many instances: Azure keeps 20 % more for upgrades and recovery.
 * Six fifths, not a factor of 1.2, which would round 1.2 × n up where it is whole.
 */
export function coresOf(instanceType: string, instances: number): number {
  return Math.ceil((instances * 6) / 5) * coresOfInstance(instanceType);
}

/** By the name: `Standard_DS3_v2` counts by powers of two, later families name the number. */
export function coresOfInstance(instanceType: string): number {
  const oldFamily = /^Standard_DS?(\d)_v2$/i.exec(instanceType)?.[1];
  if (oldFamily !== undefined) return 2 ** (Number(oldFamily) - 1);
  const number = /^Standard_[A-Z]+(\d+)/i.exec(instanceType)?.[1];
  return number === undefined ? DEFAULT_CORES : Number(number);
}

export function checkCapacity(capacity: unknown): number {
  const fits = typeof capacity === 'number' && Number.isInteger(capacity);
  if (fits && capacity >= MIN_INSTANCES && capacity <= MAX_INSTANCES) return capacity;
  const range = `a whole number from ${MIN_INSTANCES} to ${MAX_INSTANCES}`;
  throw new ArmError(
    400,
    'BadArgument',
    `sku.capacity is ${range}, not ${JSON.stringify(capacity)}.`,
  );
}

const subscriptionOf = (id: string): string => id.split('/')[2] ?? '';

function instanceTypeOf(body: JsonObject): string {
  const type = memberObject(body, 'properties')['instanceType'];
  return typeof type === 'string' ? type : 'Standard_DS3_v2';
}
