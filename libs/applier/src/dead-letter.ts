import { targetId, targetIdLengthMax } from '@headroom/core';
import type { Instant, ScaleCommand } from '@headroom/core';
import type { QueuedMessage } from '@headroom/ports';
import { taskOf } from './applier-ports.ts';
import type { ApplierPorts, Task } from './applier-ports.ts';
import { deliver } from './deliver.ts';
import { giveUp } from './give-up.ts';
import { locate } from './locate.ts';
import { reportUnknown } from './read.ts';

/**
 * A dead letter yields an outcome too: nobody waits for a command for ever. What cannot even be attributed to a command
 * is logged in full and gone.
 */
export async function bury(ports: ApplierPorts, message: QueuedMessage): Promise<void> {
  const reason = message.deadLetterReason ?? 'no reason given';
  ports.log.error('deadLetter', { messageId: message.messageId, reason, kind: message.body.kind });
  const { body } = message;
  switch (body.kind) {
    case 'command':
      return body.command.kind === 'read'
        ? reportUnknown(ports, body.command, `The question was dead-lettered: ${reason}.`)
        : end(ports, taskOf(ports, body.command, 0), reason);
    case 'followUp': {
      const found = await locate(ports, body.followUp);
      if (found.kind === 'task') await end(ports, found.task, reason);
      if (found.kind === 'ended') await deliver(ports, found.outcome, found.current);
      return;
    }
    case 'unreadable':
      return endUnreadable(ports, body, reason);
  }
}

function end(ports: ApplierPorts, task: Task, reason: string): Promise<void> {
  const detail = `The scaler could not handle it and gave it up (${reason}). See the scaler's log.`;
  return giveUp(ports, task, { outcome: 'DeadLettered', detail });
}

async function endUnreadable(
  ports: ApplierPorts,
  body: { problem: string; commandId?: string; target?: string },
  reason: string,
): Promise<void> {
  const { commandId, target, problem } = body;
  ports.log.error('deadLetter.unreadable', { commandId, target, problem });
  if (commandId === undefined || target === undefined || !isResource(target)) return;
  const command = placeholder(commandId, target, ports.clock.now());
  await end(ports, taskOf(ports, command, 0), `${reason}: ${problem}`);
}

/** Something else has no place in the log where its sender would look. */
function isResource(target: string): boolean {
  return target.length <= targetIdLengthMax && /^\/\P{Cc}+$/u.test(target);
}

/** Stands for a command of which only id and target could be read: it asks for nothing, and is never carried out. */
function placeholder(id: string, target: string, at: Instant): ScaleCommand {
  return {
    kind: 'scale',
    id,
    target: targetId(target),
    expectedCapacity: 0,
    to: 0,
    reason: 'External',
    source: { kind: 'external', sender: 'unreadable' },
    decidedAt: at,
    startBy: at,
  };
}
