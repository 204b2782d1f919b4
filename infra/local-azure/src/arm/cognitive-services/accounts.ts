import { randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '../../json.ts';
import { isObject } from '../../json.ts';
import { ArmError, badRequest, notFound } from '../errors.ts';
import type { Operations } from '../operations.ts';
import { memberObject, memberText, tagsOf, writableOf } from '../request.ts';
import type { ArmStore, Resource } from '../store.ts';
import type { Kind } from './kinds.ts';
import { derivedProperties, findKind, FREE_CALLS, KINDS } from './kinds.ts';

export const ACCOUNT = 'Microsoft.CognitiveServices/accounts';
export const DEPLOYMENT = `${ACCOUNT}/deployments`;

/** Members of `properties` that Azure fills in: what a client sends for them is dropped. */
const READ_ONLY = [
  'provisioningState',
  'endpoint',
  'endpoints',
  'internalId',
  'capabilities',
  'callRateLimit',
  'quotaLimit',
  'isMigrated',
  'skuChangeInfo',
  'dateCreated',
];

/** Accounts of Azure AI services. They are there at once; their limits of calls stand still. */
export class Accounts {
  private readonly store: ArmStore;
  private readonly operations: Operations;

  constructor(store: ArmStore, operations: Operations) {
    this.store = store;
    this.operations = operations;
  }

  known(id: string): Resource {
    const found = this.store.find(id);
    if (found === undefined) throw notFound(id);
    return found;
  }

  read(id: string): JsonObject {
    return shown(this.known(id).body);
  }

  list(prefix: string): readonly JsonObject[] {
    return this.store.list(prefix, ACCOUNT).map(({ body }) => shown(body));
  }

  /** True: it was not there before. */
  put(id: string, body: JsonObject): boolean {
    const old = this.store.find(id);
    const kept = old?.id ?? id;
    if (memberText(body, 'location') === undefined) throw badRequest('location is missing.');
    this.save(kept, { ...writableOf(body), ...tagsOf(body) });
    if (old === undefined) this.store.setFact(keysOf(kept), newKeys());
    return old === undefined;
  }

  patch(id: string, change: JsonObject): void {
    const { id: kept, body } = this.known(id);
    const properties = {
      ...memberObject(body, 'properties'),
      ...memberObject(change, 'properties'),
    };
    const sku = { ...memberObject(body, 'sku'), ...memberObject(change, 'sku') };
    const isMoved = memberText(memberObject(change, 'sku'), 'name')?.toUpperCase() === 'F0';
    const asked = memberObject(change, 'properties')['dynamicThrottlingEnabled'];
    // Moved to the free tier, an account has the switch off, unless the same request wants it on.
    const off = isMoved && asked === undefined ? { dynamicThrottlingEnabled: false } : {};
    this.save(kept, { ...body, ...tagsOf(change), sku, properties: { ...properties, ...off } });
  }

  /** With its deployments. False: it was not there. */
  remove(id: string): boolean {
    const exists = this.store.find(id) !== undefined;
    if (exists) this.checkIdle(id);
    this.store.remove(id);
    return exists;
  }

  keys(id: string): JsonObject {
    const fact = this.store.fact(keysOf(this.known(id).id));
    return isObject(fact) ? fact : newKeys();
  }

  regenerateKey(id: string, body: JsonObject): JsonObject {
    const name = memberText(body, 'keyName')?.toLowerCase();
    if (name !== 'key1' && name !== 'key2') throw badRequest('keyName is Key1 or Key2.');
    const keys = { ...this.keys(id), [name]: newKeys().key1 };
    this.store.setFact(keysOf(this.known(id).id), keys);
    return keys;
  }

  /** The SKUs that the account may be moved to. */
  skus(id: string): readonly JsonObject[] {
    const { skus } = kindOf(this.known(id).body);
    return skus.map((name) => ({ resourceType: ACCOUNT, sku: skuBody(name) }));
  }

  /** The month's calls, which only the free tier limits. No call is made here, so none is counted. */
  usages(id: string): readonly JsonObject[] {
    const { body } = this.known(id);
    if (skuNameOf(body) !== 'F0') return [];
    const value = `${kindOf(body).name}.Transactions`;
    const name = { value, localizedValue: value };
    const period = { unit: 'Count', quotaPeriod: '30.00:00:00' };
    return [{ name, ...period, limit: FREE_CALLS, currentValue: 0, status: 'Included' }];
  }

  /** An account takes one operation on its deployments at a time. */
  checkIdle(id: string): void {
    if (this.operations.open(id) === undefined) return;
    const message = `Another operation is being performed on the parent resource '${id}'. Please try again later.`;
    throw new ArmError(409, 'RequestConflict', message);
  }

  private save(id: string, body: JsonObject): void {
    const kind = kindOf(body);
    const name = memberText(memberObject(body, 'sku'), 'name') ?? '';
    const sku = kind.skus.find((each) => each === name.toUpperCase());
    if (sku === undefined) {
      const message = `sku.name of kind ${kind.name} is ${kind.skus.join(' or ')}, not '${name}'.`;
      throw new ArmError(400, 'InvalidResourceProperties', message);
    }
    const properties = writableProperties(body);
    checkSwitch(kind, sku, properties['dynamicThrottlingEnabled']);
    const named = { id, name: id.split('/').at(-1), type: ACCOUNT };
    const kept = { ...body, ...named, kind: kind.name, sku: skuBody(sku), properties };
    this.store.put({ id, type: ACCOUNT, ready: 0, body: kept });
  }
}

export function kindOf(body: JsonObject): Kind {
  const found = findKind(body['kind']);
  if (found !== undefined) return found;
  const known = KINDS.map(({ name }) => name).join(', ');
  const message = `The account kind ${JSON.stringify(body['kind'])} is not supported: kind is one of ${known}.`;
  throw new ArmError(400, 'InvalidApiSetId', message);
}

function checkSwitch(kind: Kind, sku: string, value: Json | undefined): void {
  if (value === undefined || value === null || value === false) return;
  if (value !== true) throw badRequest('properties.dynamicThrottlingEnabled is true or false.');
  const reason = !kind.hasDynamicThrottling
    ? `the kind ${kind.name} has no dynamic throttling`
    : sku === 'F0'
      ? 'the free tier F0 has no dynamic throttling'
      : undefined;
  if (reason === undefined) return;
  const message = `properties.dynamicThrottlingEnabled cannot be true: ${reason}.`;
  throw new ArmError(400, 'DynamicThrottlingNotSupported', message);
}

function shown(body: JsonObject): JsonObject {
  const name = memberText(body, 'name') ?? '';
  const properties = {
    dynamicThrottlingEnabled: null,
    ...memberObject(body, 'properties'),
    ...derivedProperties(kindOf(body), name),
    provisioningState: 'Succeeded',
  };
  return { ...body, properties };
}

function writableProperties(body: JsonObject): JsonObject {
  const properties = memberObject(body, 'properties');
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => !READ_ONLY.includes(name)),
  );
}

const skuNameOf = (body: JsonObject): string | undefined =>
  memberText(memberObject(body, 'sku'), 'name');

const skuBody = (name: string): JsonObject => ({
  name,
  tier: name === 'F0' ? 'Free' : 'Standard',
});

const keysOf = (id: string): string => `account-keys:${id.toLowerCase()}`;

const newKeys = (): { key1: string; key2: string } => ({
  key1: randomBytes(16).toString('hex'),
  key2: randomBytes(16).toString('hex'),
});
