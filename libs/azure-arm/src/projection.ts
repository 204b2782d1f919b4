import type { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import type { ProjectionQuery, TargetId } from '@headroom/core';
import type { CapacityProjection, Projection } from '@headroom/ports';
import { aiClients } from './access.ts';
import type { ArmOptions, Clients } from './access.ts';
import { parseAiAccountId } from './ai-ids.ts';
import { listen } from './answers.ts';
import type { CallOptions } from './deployments.ts';
import { classify } from './errors.ts';
import { findUsage, freeUnits } from './quota-pools.ts';

/** Names that are kept; they never change. */
const namesMax = 1_000;

/**
 * What ARM says is left of a model where the account is: the smaller of the subscription's quota (`usages`) and what the region
 * can place (`modelCapacities`), by the calls a second that a unit serves.
 */
export function connectProjection(options: ArmOptions): CapacityProjection {
  const clients = aiClients(options);
  const names = new Map<string, string>();
  return { available: (account, query) => available({ clients, names }, account, query) };
}

interface Arm {
  readonly clients: Clients<CognitiveServicesManagementClient>;
  /** Where an account is, and the quota that a model and SKU draw on. */
  readonly names: Map<string, string>;
}

async function available(arm: Arm, account: TargetId, query: ProjectionQuery): Promise<Projection> {
  const { last, options } = listen();
  try {
    const units = await unitsLeft(arm, account, query, options);
    return typeof units === 'string'
      ? unknown(units)
      : { kind: 'known', tps: units * query.tpsPerUnit };
  } catch (error) {
    const found = classify(error, last());
    return unknown(found.kind === 'unavailable' ? found.error.message : found.detail);
  }
}

/** A text says why nobody knows. */
async function unitsLeft(
  arm: Arm,
  account: TargetId,
  { model, skuName }: ProjectionQuery,
  options: CallOptions,
): Promise<number | string> {
  const id = parseAiAccountId(account);
  if (id === undefined) return `${account} is no account of Azure AI services.`;
  const [format = '', name = '', version = ''] = model.split('/');
  const client = await arm.clients(id.subscription);
  const location = await kept(arm, account, async () => {
    const { location: found } = await client.accounts.get(id.resourceGroup, id.account, options);
    return found;
  });
  if (location === undefined) return `ARM does not say where ${account} is.`;
  const usageName = await kept(arm, [id.subscription, location, model, skuName].join('|'), () =>
    findUsageName(client, location, { format, name, version }, skuName, options),
  );
  if (usageName === undefined) return `${location} has no model ${model} with the SKU ${skuName}.`;
  const [usage, placeable] = await Promise.all([
    findUsage(client, location, usageName, options),
    findPlaceable(client, location, { format, name, version }, skuName, options),
  ]);
  const free = freeUnits(usage);
  if (free === undefined) return `${location} lists no quota ${usageName}.`;
  if (placeable === undefined) return `${location} lists no capacity of ${model} ${skuName}.`;
  return Math.min(free, placeable);
}

async function kept(
  { names }: Arm,
  key: string,
  find: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const known = names.get(key);
  if (known !== undefined) return known;
  const found = await find();
  if (names.size >= namesMax) names.clear();
  if (found !== undefined) names.set(key, found);
  return found;
}

interface ModelName {
  readonly format: string;
  readonly name: string;
  readonly version: string;
}

async function findUsageName(
  client: CognitiveServicesManagementClient,
  location: string,
  wanted: ModelName,
  skuName: string,
  options: CallOptions,
): Promise<string | undefined> {
  for await (const { model } of client.models.list(location, options)) {
    const isWanted =
      isSame(model?.format, wanted.format) &&
      isSame(model?.name, wanted.name) &&
      isSame(model?.version, wanted.version);
    const sku = model?.skus?.find((one) => isSame(one.name, skuName));
    if (isWanted && sku?.usageName !== undefined) return sku.usageName;
  }
  return undefined;
}

async function findPlaceable(
  client: CognitiveServicesManagementClient,
  location: string,
  { format, name, version }: ModelName,
  skuName: string,
  options: CallOptions,
): Promise<number | undefined> {
  const { locationBasedModelCapacities } = client;
  const listed = locationBasedModelCapacities.list(location, format, name, version, options);
  for await (const { properties } of listed) {
    if (isSame(properties?.skuName, skuName)) return properties?.availableCapacity;
  }
  return undefined;
}

function isSame(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

function unknown(detail: string): Projection {
  return { kind: 'unknown', detail };
}
