import { amountText } from '@headroom/core';
import type { VersionedHead } from '@headroom/ports';
import type { ApplierPorts, Task } from './applier-ports.ts';
import { readInstances } from './capacity.ts';
import { applied, claimFor, holdsClaim, overtaken, refusal, takeClaim } from './claim.ts';
import { conclude } from './deliver.ts';
import type { Ending, Running } from './judge.ts';
import { moveHead } from './ledger-edit.ts';
import type { Done } from './ledger-edit.ts';
import { operationMs, turnMs } from './limits.ts';
import { lookLater } from './wait.ts';

/**
 * One look at a running operation:
 *
 *   still running         look again, for at most `operationMs`, then Failed
 *   refused               the provider's reason, with the capacity read back
 *   succeeded, and   to   Applied
 *     read back as   another operation runs: look again
 *                    anything else: send the value once more, then Failed
 */
export async function look(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead,
  state: Running,
): Promise<Done> {
  const progress = await ports.targets.poll(state.operation);
  switch (progress.kind) {
    case 'running':
      return again(ports, task, current, state, progress.retryAfterMs);
    case 'refused': {
      const capacity = await readInstances(ports, task);
      return conclude(ports, task, current, refusal(progress), capacity);
    }
    case 'succeeded':
      return readBack(ports, task, current, state);
  }
}

async function readBack(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead,
  state: Running,
): Promise<Done> {
  const { target, to } = task.command;
  const reading = await ports.targets.read(target);
  if (reading.kind === 'notFound') {
    const detail = `${target} is gone: ${reading.detail}`;
    return conclude(ports, task, current, failed(detail), undefined);
  }
  const { instances } = reading;
  if (instances === to) {
    const detail = `It has ${amountText(target, instances)} now.`;
    const ending = { outcome: 'Applied', detail, reachedProvider: true } as const;
    return conclude(ports, task, current, ending, instances);
  }
  if (reading.busy) return again(ports, task, current, state, turnMs);
  if (!isCorrection(state)) return correct(ports, task, current, state);
  const detail =
    `Azure reported success twice, and the capacity is ${instances}, not ${to}: ` +
    'somebody else sets it too. Look for another autoscaler or a deployment pipeline.';
  return conclude(ports, task, current, failed(detail), instances);
}

async function again(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead,
  state: Running,
  retryAfterMs: number,
): Promise<Done> {
  if (ports.clock.now() - state.startedAt <= operationMs) {
    await lookLater(ports, task, task.attempt + 1, retryAfterMs);
    return 'settled';
  }
  const capacity = await readInstances(ports, task);
  const detail = `The operation did not end within ${operationMs / 60_000} minutes.`;
  return conclude(ports, task, current, failed(detail), capacity);
}

/**
 * An operation that started before its own claim is the correction of an earlier one: the value was found changed, by a
 * late writer, and is sent once more under a new claim.
 */
function isCorrection(state: Running): boolean {
  return state.startedAt < state.claimedAt;
}

async function correct(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead,
  state: Running,
): Promise<Done> {
  const claim = await takeClaim(ports, task, current);
  if (claim === undefined) return 'conflict';
  const { target, to, id } = task.command;
  ports.log.warn('capacity.corrected', { command: id, target, to });
  const reply = claim.usable
    ? await ports.targets.scale(target, to, claimFor(task, claim.claimedAt))
    : ({ kind: 'busy', retryAfterMs: turnMs } as const);
  if (reply.kind === 'applied') return applied(ports, task, claim);
  if (reply.kind === 'overtaken') return overtaken(ports, task, claim);
  if (reply.kind === 'refused') {
    const capacity = await readInstances(ports, task);
    return conclude(ports, task, claim.written, refusal(reply), capacity);
  }
  const next: Running =
    reply.kind === 'busy'
      ? state
      : { ...state, claimedAt: claim.claimedAt, operation: reply.operation };
  const moved = await moveHead(ports, claim.written, holdsClaim(task, claim.claimedAt), next);
  if (moved === undefined) return 'conflict';
  await lookLater(ports, task, task.attempt + 1, reply.retryAfterMs);
  return 'settled';
}

function failed(detail: string): Ending {
  return { outcome: 'Failed', detail, reachedProvider: true };
}
