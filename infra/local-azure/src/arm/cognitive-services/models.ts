import type { JsonObject } from '../../json.ts';
import { ArmError } from '../errors.ts';

/** What `sku.capacity` may be: units of 1,000 tokens a minute, or throughput units. */
export interface CapacityConfig {
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly default: number;
  readonly allowedValues?: readonly number[];
}

export interface ModelSku {
  readonly name: string;
  /** The quota that deployments of the model with this SKU share. */
  readonly usageName: string;
  readonly capacity: CapacityConfig;
  /** Of the quota, in units of capacity, unless it was set. */
  readonly limit: number;
}

export interface Model {
  readonly format: string;
  readonly name: string;
  readonly version: string;
  readonly skus: readonly ModelSku[];
}

const tokens: CapacityConfig = { minimum: 1, maximum: 1000, step: 1, default: 10 };
const provisioned: CapacityConfig = { minimum: 50, maximum: 500, step: 50, default: 100 };
const embedding: CapacityConfig = {
  ...tokens,
  maximum: 350,
  allowedValues: [1, 10, 50, 100, 200, 350],
};

/** A few models, made up in nothing but their number: enough to share quotas and to differ in steps. */
export const MODELS: readonly Model[] = [
  model('gpt-4o', '2024-11-20', [
    sku('Standard', 'gpt-4o', tokens, 450),
    sku('GlobalStandard', 'gpt-4o', tokens, 1000),
    sku('ProvisionedManaged', 'gpt-4o', provisioned, 300),
  ]),
  model('gpt-4o-mini', '2024-07-18', [
    sku('Standard', 'gpt-4o-mini', tokens, 2000),
    sku('GlobalStandard', 'gpt-4o-mini', tokens, 2000),
  ]),
  model('text-embedding-3-large', '1', [sku('Standard', 'text-embedding-3-large', embedding, 350)]),
];

/** The model that a deployment names; the version may be left out. */
export function findModel(wanted: JsonObject): Model {
  const of = (name: string): string | undefined => {
    const value = wanted[name];
    return typeof value === 'string' ? value.toLowerCase() : undefined;
  };
  const found = MODELS.find(({ format, name, version }) => {
    const isVersion = of('version') === undefined || of('version') === version;
    return of('format') === format.toLowerCase() && of('name') === name.toLowerCase() && isVersion;
  });
  if (found !== undefined) return found;
  const known = MODELS.map(({ name, version }) => `${name} ${version}`).join(', ');
  const asked = `Format: ${of('format')}, Name: ${of('name')}, Version: ${of('version')}`;
  const message = `The model '${asked}' is not supported. Of format OpenAI there are: ${known}.`;
  throw new ArmError(400, 'DeploymentModelNotSupported', message);
}

export function findModelSku(of: Model, name: unknown): ModelSku {
  const wanted = typeof name === 'string' ? name.toLowerCase() : '';
  const found = of.skus.find((each) => each.name.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const known = of.skus.map((each) => each.name).join(', ');
  const message = `The SKU '${String(name)}' is not supported for ${of.name}: sku.name is one of ${known}.`;
  throw new ArmError(400, 'InvalidResourceProperties', message);
}

export function checkUnits(config: CapacityConfig, units: unknown): number {
  const { minimum, maximum, step, allowedValues } = config;
  const isNumber = typeof units === 'number' && Number.isInteger(units);
  const isAllowed = isNumber && (allowedValues?.includes(units) ?? units % step === 0);
  if (isAllowed && units >= minimum && units <= maximum) return units;
  const steps =
    allowedValues === undefined ? `in steps of ${step}` : `: ${allowedValues.join(', ')}`;
  const message = `sku.capacity is a whole number from ${minimum} to ${maximum} ${steps}; it is not ${JSON.stringify(units)}.`;
  throw new ArmError(400, 'InvalidCapacity', message);
}

/** As `locations/l/models` and `accounts/a/models` show it. */
export function modelBody({ format, name, version, skus }: Model): JsonObject {
  return {
    format,
    name,
    version,
    isDefaultVersion: true,
    lifecycleStatus: 'GenerallyAvailable',
    maxCapacity: Math.max(...skus.map(({ capacity }) => capacity.maximum)),
    skus: skus.map(({ name: sku, usageName, capacity }) => ({
      name: sku,
      usageName,
      capacity: { ...capacity },
    })),
  };
}

/** Requests and tokens that so many units allow: 6 requests a minute and 1,000 tokens each. */
export function rateLimitsOf({ name }: ModelSku, units: number): readonly JsonObject[] {
  if (name.startsWith('Provisioned')) return [];
  return [
    { key: 'request', renewalPeriod: 10, count: units },
    { key: 'token', renewalPeriod: 60, count: units * 1000 },
  ];
}

function model(name: string, version: string, skus: readonly ModelSku[]): Model {
  return { format: 'OpenAI', name, version, skus };
}

function sku(name: string, of: string, capacity: CapacityConfig, limit: number): ModelSku {
  return { name, usageName: `OpenAI.${name}.${of}`, capacity, limit };
}
