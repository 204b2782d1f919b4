import { limitOf } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { ProviderUnavailable } from '@headroom/ports';
import type { CapacityReading } from '@headroom/ports';
import type { ApplierPorts, Task } from './applier-ports.ts';

/** The instances that a reading found; absent where the target is not there. */
export function instancesOf(reading: CapacityReading): number | undefined {
  return reading.kind === 'capacity' ? reading.instances : undefined;
}

/** What an outcome says of the capacity: nothing where a gateway does not answer, which is nothing to wait for. */
export async function readInstances(ports: ApplierPorts, task: Task): Promise<number | undefined> {
  if (!task.supported) return undefined;
  const { target } = task.command;
  try {
    return instancesOf(await ports.targets.read(target));
  } catch (error) {
    if (isGatewayAway(target, error)) return undefined;
    throw error;
  }
}

/**
 * Whether the gateway of one account is what does not answer. Others' commands have nothing to do with it: they go on, where
 * for a provider that everything depends on receiving stops.
 */
export function isGatewayAway(target: TargetId, error: unknown): error is ProviderUnavailable {
  return error instanceof ProviderUnavailable && limitOf(target) !== undefined;
}
