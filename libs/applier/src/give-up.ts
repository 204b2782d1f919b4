import { DependencyUnavailable } from '@headroom/ports';
import type { VersionedHead } from '@headroom/ports';
import type { ApplierPorts, Task } from './applier-ports.ts';
import { readInstances } from './capacity.ts';
import { conclude, deliver } from './deliver.ts';
import { isOpen, outcomeIn } from './head.ts';
import type { Ending } from './judge.ts';
import type { Done } from './ledger-edit.ts';
import { conflictsMax } from './limits.ts';

/** Ends a command that nobody can bring further, unless it has ended already. */
export async function giveUp(
  ports: ApplierPorts,
  task: Task,
  why: Pick<Ending, 'outcome' | 'detail'>,
): Promise<void> {
  for (let tries = 0; tries < conflictsMax; tries++) {
    const current = await ports.ledger.read(task.key);
    if ((await endOnce(ports, task, current, why)) === 'settled') return;
  }
  throw new Error(`The operation head of ${task.key} changed ${conflictsMax} times meanwhile`);
}

async function endOnce(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead | undefined,
  why: Pick<Ending, 'outcome' | 'detail'>,
): Promise<Done> {
  const known = outcomeIn(current?.head, task.command.id);
  if (known !== undefined && current !== undefined) {
    await deliver(ports, known, current);
    return 'settled';
  }
  const head = current?.head;
  const reachedProvider = head?.command.id === task.command.id && isOpen(head.state);
  const capacity = await capacityOf(ports, task);
  return conclude(ports, task, current, { ...why, reachedProvider }, capacity);
}

/** Reading may be what failed: any error but an absent provider leaves the capacity out. */
async function capacityOf(ports: ApplierPorts, task: Task): Promise<number | undefined> {
  try {
    return await readInstances(ports, task);
  } catch (cause) {
    if (cause instanceof DependencyUnavailable) throw cause;
    ports.log.error('giveUp.capacityUnread', { target: task.command.target, cause });
    return undefined;
  }
}
