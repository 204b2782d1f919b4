import type { ModelCapacity } from '@headroom/azure-arm';
import type { PooledDeployment, Problem, QuotaPool } from '@headroom/core';
import type { Environment } from '@headroom/runtime';
import { messageOf } from '../command-failed.ts';
import { armOptions } from '../connections.ts';
import { problemText } from '../text/problem-text.ts';
import { withinLimit } from './within-limit.ts';

/**
 * Where a pool says of its deployments' capacities what the models do not allow: a move to such a capacity would be refused.
 * Never fails: a pool is applied all the same when ARM cannot be asked, and that is said too.
 */
export async function capacityWarnings(
  pool: QuotaPool,
  env: Environment,
): Promise<readonly string[]> {
  try {
    const { modelCapacities } = await import('@headroom/azure-arm');
    const allowed = await withinLimit(modelCapacities(armOptions(env), pool.id));
    return pool.deployments.flatMap((deployment, index) =>
      leastOf(allowed.map((one) => problemsOf(deployment, one))).map(({ field, message }) =>
        problemText({ field: `properties.deployments[${index}].${field}`, message }),
      ),
    );
  } catch (error) {
    return [`could not check which capacities the models allow: ${messageOf(error)}`];
  }
}

/** Versions of a model draw on one quota, and which one is deployed is not asked: the one that fits best counts. */
function leastOf(each: readonly (readonly Problem[])[]): readonly Problem[] {
  return each.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function problemsOf(deployment: PooledDeployment, model: ModelCapacity): readonly Problem[] {
  const { minimum, maximum, step, allowedValues } = deployment;
  const least = model.minimum ?? 0;
  const most = model.maximum ?? Infinity;
  const values = model.allowedValues ?? [];
  if (values.length > 0) {
    const fits = allowedValues?.every((value) => values.includes(value)) === true;
    const message = `ARM allows these only: ${values.join(', ')}`;
    return fits ? [] : [{ field: 'allowedValues', message }];
  }
  const each = model.step ?? 1;
  return [
    ...(maximum > most ? [{ field: 'maximum', message: `ARM allows ${most} at most` }] : []),
    ...(allowedValues === undefined ? [] : notAllowed(allowedValues, least, each)),
    ...(allowedValues === undefined && minimum < least
      ? [{ field: 'minimum', message: `ARM allows ${least} or more` }]
      : []),
    ...(allowedValues === undefined && step % each !== 0
      ? [{ field: 'step', message: `ARM allows steps of ${each}` }]
      : []),
  ];
}

function notAllowed(values: readonly number[], least: number, step: number): readonly Problem[] {
  const wrong = values.filter((value) => value < least || value % step !== 0);
  if (wrong.length === 0) return [];
  const message = `ARM allows ${least} or more in steps of ${step}, not ${wrong.join(', ')}`;
  return [{ field: 'allowedValues', message }];
}
