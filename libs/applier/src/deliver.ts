import { groupOf, limitOf, outcomeId, partitionOf } from '@headroom/core';
import type { CommandSource, LogEvent, Outcome, TargetId } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { VersionedHead } from '@headroom/ports';
import type { ApplierPorts, Task } from './applier-ports.ts';
import type { Ending } from './judge.ts';
import { endedHead } from './head.ts';
import { moveHead } from './ledger-edit.ts';
import type { Done } from './ledger-edit.ts';

/**
 * Ends a command: its outcome goes to the ledger first, then to the topic, then to the log, and only then is the message
 * settled. The ledger decides what the outcome is; a redelivery repeats the later steps with the same content and ids.
 */
export async function conclude(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead | undefined,
  ending: Ending,
  capacity: number | undefined,
): Promise<Done> {
  const outcome = outcomeOf(ports, task, ending, capacity);
  const head = endedHead(current?.head, task.key, task.command, outcome);
  const replaced = await ports.ledger.replace(head, current?.etag);
  if (replaced.kind === 'conflict') return 'conflict';
  await deliver(ports, outcome, { head, etag: replaced.etag });
  return 'settled';
}

/** Says what the ledger holds, once more where it was said before. */
export async function deliver(
  ports: ApplierPorts,
  outcome: Outcome,
  current: VersionedHead,
): Promise<void> {
  const { state } = current.head;
  const isHead = state.kind === 'done' && state.outcome.id === outcome.id;
  if (isHead && state.delivered) return;
  await ports.topic.publish([{ kind: 'outcome', outcome }]);
  await appendTo(ports, outcome.source, outcome.target, { kind: 'outcome', outcome });
  ports.log.info('outcome', {
    command: outcome.commandId,
    target: outcome.target,
    outcome: outcome.kind,
    to: outcome.to,
    capacity: outcome.capacity,
    detail: outcome.detail,
  });
  // Spares a redelivery the two sends. A head that has moved on keeps the outcome among its recent ones.
  if (isHead) await moveHead(ports, current, holdsOutcome(outcome), { ...state, delivered: true });
}

/** Appends to the partition that the command came from; one from outside belongs where its target's fold is. */
export async function appendTo(
  ports: ApplierPorts,
  source: CommandSource,
  target: TargetId,
  event: LogEvent,
): Promise<void> {
  const log = await ports.signals.describe();
  const isOurs = source.kind === 'log' && source.position.logId === log.logId;
  const partition = isOurs
    ? source.position.partition
    : partitionOf(await groupFor(ports, target), log.partitions);
  await ports.signals.append(partition, [event]);
}

/** A limit is seen by the fold of its account, and an account by that of its group. */
async function groupFor({ settings, log }: ApplierPorts, target: TargetId): Promise<string> {
  const owner = limitOf(target)?.account ?? target;
  try {
    const setting = await settings.read(owner);
    return setting === undefined ? owner : groupOf(setting);
  } catch (cause) {
    if (cause instanceof DependencyUnavailable) throw cause;
    // A setting that nobody can read must not keep an outcome from being said.
    log.error('outcome.settingUnread', { target, cause });
    return owner;
  }
}

function outcomeOf(
  ports: ApplierPorts,
  { command }: Task,
  ending: Ending,
  capacity: number | undefined,
): Outcome {
  return {
    id: outcomeId(command.id),
    commandId: command.id,
    target: command.target,
    kind: ending.outcome,
    to: command.to,
    ...(capacity === undefined ? {} : { capacity }),
    reachedProvider: ending.reachedProvider,
    detail: ending.detail,
    at: ports.clock.now(),
    source: command.source,
  };
}

function holdsOutcome(outcome: Outcome): (head: VersionedHead['head']) => boolean {
  return ({ state }) => state.kind === 'done' && state.outcome.id === outcome.id;
}
