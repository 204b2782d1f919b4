import type { CapacityReading } from '@headroom/ports';
import type { ApplierPorts, Task } from './applier-ports.ts';

/** The instances that a reading found; absent where the target is not there. */
export function instancesOf(reading: CapacityReading): number | undefined {
  return reading.kind === 'capacity' ? reading.instances : undefined;
}

/** What an outcome says of the capacity. */
export async function readInstances(ports: ApplierPorts, task: Task): Promise<number | undefined> {
  if (!task.supported) return undefined;
  return instancesOf(await ports.targets.read(task.command.target));
}
