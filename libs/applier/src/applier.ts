import { never } from '@headroom/core';
import type { Command } from '@headroom/core';
import type { CommandHandler, FollowUp, QueuedMessage, Settlement } from '@headroom/ports';
import { taskOf } from './applier-ports.ts';
import type { ApplierPorts } from './applier-ports.ts';
import { work } from './apply.ts';
import { bury } from './dead-letter.ts';
import { deliver } from './deliver.ts';
import { locate } from './locate.ts';
import { reportCapacity } from './read.ts';
import { scaledTargets } from './scaled-targets.ts';

export interface Applier {
  /** Works on the queue and its dead letters until `signal` aborts and what was received is settled. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Rejects with `ProviderUnavailable` or `DependencyUnavailable` where the message has to come again. */
  readonly handle: CommandHandler;
  readonly handleDeadLetter: CommandHandler;
}

/** The stage that carries commands out: claim, apply, follow up, and exactly one outcome each. */
export function createApplier(given: ApplierPorts): Applier {
  const ports = { ...given, targets: scaledTargets(given) };
  const handleMessage: CommandHandler = (message) => handle(ports, message);
  const handleDeadLetter: CommandHandler = async (message) => {
    await bury(ports, message);
    return complete;
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    await Promise.all([
      ports.queue.run(handleMessage, signal),
      ports.queue.runDeadLetters(handleDeadLetter, signal),
    ]);
  };
  return { run, handle: handleMessage, handleDeadLetter };
}

const complete: Settlement = { kind: 'complete' };

async function handle(ports: ApplierPorts, { body }: QueuedMessage): Promise<Settlement> {
  switch (body.kind) {
    case 'command':
      await handleCommand(ports, body.command);
      return complete;
    case 'followUp':
      await handleFollowUp(ports, body.followUp);
      return complete;
    case 'unreadable':
      return { kind: 'deadLetter', reason: 'Unreadable', description: body.problem };
    default:
      never(body);
  }
}

async function handleCommand(ports: ApplierPorts, command: Command): Promise<void> {
  if (command.kind === 'read') return reportCapacity(ports, command);
  await work(ports, taskOf(ports, command, 0));
}

async function handleFollowUp(ports: ApplierPorts, step: FollowUp): Promise<void> {
  const found = await locate(ports, step);
  switch (found.kind) {
    case 'task':
      return work(ports, found.task);
    case 'ended':
      return deliver(ports, found.outcome, found.current);
    case 'unknown':
      // It was dead-lettered and ended long ago, or the ledger was made anew. There is nothing to go on with.
      ports.log.warn('followUp.unknown', { ...step });
  }
}
