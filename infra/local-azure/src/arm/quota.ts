import { ArmError } from './errors.ts';

/** Of an instance type whose name does not say its cores. */
const DEFAULT_CORES = 4;

export const MIN_INSTANCES = 1;
/** Azure's limit of a managed deployment. */
export const MAX_INSTANCES = 50;

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
