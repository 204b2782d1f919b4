import type { CapacityConfig } from '@azure/arm-cognitiveservices';
import type { TargetId } from '@headroom/core';
import { aiClients } from './access.ts';
import type { ArmOptions } from './access.ts';
import { parseQuotaPoolId } from './ai-ids.ts';
import { listen } from './answers.ts';

/** What ARM lets `sku.capacity` be; what it does not say is absent. */
export type ModelCapacity = Pick<CapacityConfig, 'minimum' | 'maximum' | 'step' | 'allowedValues'>;

/** Of every model and SKU of the region that draws on the quota. Throws what ARM's client throws. */
export async function modelCapacities(
  options: ArmOptions,
  quota: TargetId,
): Promise<readonly ModelCapacity[]> {
  const id = parseQuotaPoolId(quota);
  if (id === undefined) throw new TypeError(`${quota} is no quota`);
  const client = await aiClients(options)(id.subscription);
  const found: ModelCapacity[] = [];
  for await (const { model } of client.models.list(id.location, listen().options)) {
    for (const { usageName, capacity } of model?.skus ?? []) {
      if (usageName?.toLowerCase() === id.usage.toLowerCase() && capacity) found.push(capacity);
    }
  }
  return found;
}
