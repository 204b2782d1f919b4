import type { Outcome } from '@headroom/core';
import type { FollowUp, VersionedHead } from '@headroom/ports';
import { taskOf } from './applier-ports.ts';
import type { ApplierPorts, Task } from './applier-ports.ts';
import { outcomeIn } from './head.ts';
import { parkingKey } from './wait.ts';

export type Located =
  | { readonly kind: 'task'; readonly task: Task }
  /** It ended, and another command has the head now. */
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly current: VersionedHead }
  | { readonly kind: 'unknown' };

/** What a continuation goes on with. The message says only where to look: the ledger has the command. */
export async function locate(ports: ApplierPorts, step: FollowUp): Promise<Located> {
  const current = await ports.ledger.read(step.exclusionKey);
  if (current === undefined) return { kind: 'unknown' };
  const { command, state } = current.head;
  if (command.id === step.commandId) {
    const task = taskOf(ports, command, step.attempt);
    const isParked = step.exclusionKey === parkingKey(task) && state.kind === 'claimed';
    return { kind: 'task', task: isParked ? { ...task, waitedFor: state.claimedAt } : task };
  }
  const outcome = outcomeIn(current.head, step.commandId);
  return outcome === undefined ? { kind: 'unknown' } : { kind: 'ended', outcome, current };
}
