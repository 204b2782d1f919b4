import type { CognitiveServicesManagementClient, Usage } from '@azure/arm-cognitiveservices';
import type { TargetId } from '@headroom/core';
import type { CapacityReading, ScaleTarget } from '@headroom/ports';
import type { Clients } from './access.ts';
import { parseQuotaPoolId } from './ai-ids.ts';
import { listen } from './answers.ts';
import type { CallOptions } from './deployments.ts';
import { classify } from './errors.ts';

/** Quotas that model deployments draw on. They are read only: the capacity is the units that nobody has. */
export function quotaPools(clients: Clients<CognitiveServicesManagementClient>): ScaleTarget {
  return {
    exclusionKey: (target) => (parseQuotaPoolId(target) === undefined ? undefined : target),
    read: (target) => read(clients, target),
    scale: (target) => {
      const detail = `${target} is a quota: Azure sets it, on request. Scale the deployments that draw on it.`;
      return Promise.resolve({ kind: 'refused', outcome: 'Rejected', code: 'ReadOnly', detail });
    },
    poll: (operation) => Promise.reject(new TypeError(`a quota has no operation: ${operation}`)),
  };
}

async function read(
  clients: Clients<CognitiveServicesManagementClient>,
  target: TargetId,
): Promise<CapacityReading> {
  const id = parseQuotaPoolId(target);
  if (id === undefined) throw new TypeError(`${target} is no quota`);
  const { last, options } = listen();
  try {
    const client = await clients(id.subscription);
    const found = await findUsage(client, id.location, id.usage, options);
    const free = freeUnits(found);
    if (free === undefined) {
      return { kind: 'notFound', detail: `${id.location} lists no quota ${id.usage}.` };
    }
    const detail = `${found?.currentValue} of ${found?.limit} units are in use.`;
    return { kind: 'capacity', instances: free, busy: false, detail };
  } catch (error) {
    const found = classify(error, last());
    if (found.kind === 'unavailable') throw found.error;
    return { kind: 'notFound', detail: found.detail };
  }
}

/** By the name that `usages` gives it, whatever its case. */
export async function findUsage(
  client: CognitiveServicesManagementClient,
  location: string,
  name: string,
  options: CallOptions,
): Promise<Usage | undefined> {
  for await (const usage of client.usages.list(location, options)) {
    if (usage.name?.value?.toLowerCase() === name.toLowerCase()) return usage;
  }
  return undefined;
}

/** Absent where ARM does not say. A quota that was lowered below its use has nothing left. */
export function freeUnits(usage: Usage | undefined): number | undefined {
  if (usage?.limit === undefined || usage.currentValue === undefined) return undefined;
  return Math.max(0, usage.limit - usage.currentValue);
}
