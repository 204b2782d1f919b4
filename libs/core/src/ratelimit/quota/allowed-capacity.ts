import type { PooledDeployment } from '../../setting/quota-pool.ts';

/** The largest capacity up to `most` that the model allows and the deployment may have; `undefined`: there is none. */
export function allowedUpTo(deployment: PooledDeployment, most: number): number | undefined {
  const { minimum, maximum, step, allowedValues } = deployment;
  const top = Math.min(most, maximum);
  if (allowedValues !== undefined) return largest(allowedValues.filter((value) => value <= top));
  return top < minimum ? undefined : minimum + Math.floor((top - minimum) / step) * step;
}

/** The smallest that is at least `least`, the maximum aside: what a deployment keeps may lie above what it may be given. */
export function allowedFrom(deployment: PooledDeployment, least: number): number | undefined {
  const { minimum, step, allowedValues } = deployment;
  if (allowedValues !== undefined) return smallest(allowedValues.filter((value) => value >= least));
  return minimum + Math.max(0, Math.ceil((least - minimum) / step)) * step;
}

function largest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}

function smallest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}
