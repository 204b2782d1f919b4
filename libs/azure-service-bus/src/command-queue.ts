import type {
  ServiceBusClient,
  ServiceBusMessage,
  ServiceBusReceivedMessage,
  ServiceBusSender,
} from '@azure/service-bus';
import { idOf } from '@headroom/core';
import type { Problem } from '@headroom/core';
import type {
  CommandHandler,
  CommandQueue,
  FollowUp,
  Log,
  QueueBody,
  QueuedMessage,
  Settlement,
} from '@headroom/ports';
import { decodeFollowUp, decodeTopicMessage, encodeFollowUp, outlineCommand } from '@headroom/wire';
import { entityError } from './errors.ts';
import { runIntake } from './intake.ts';
import type { IntakeLimits } from './intake.ts';
import { bytesOf, problemText } from './message-body.ts';

export interface CommandQueueOptions {
  readonly client: ServiceBusClient;
  readonly sender: ServiceBusSender;
  readonly queue: string;
  readonly limits: IntakeLimits | undefined;
  readonly log: Log;
}

const concurrencyDefault = 16;

export function createCommandQueue(options: CommandQueueOptions): CommandQueue {
  const { client, sender, queue, limits, log } = options;
  const concurrency = limits?.concurrency ?? concurrencyDefault;
  return {
    run: (handler, signal) =>
      runIntake(
        {
          createReceiver: (receiving) => client.createReceiver(queue, receiving),
          ...{ entity: queue, concurrency, log },
          handle: (message) => handler(toQueuedMessage(message)),
        },
        signal,
      ),
    runDeadLetters: (handler, signal) =>
      runIntake(
        {
          createReceiver: (receiving) =>
            client.createReceiver(queue, { ...receiving, subQueueType: 'deadLetter' }),
          ...{ entity: `${queue}/$DeadLetterQueue`, concurrency, log },
          handle: (message) => handleDeadLetter(message, handler),
        },
        signal,
      ),
    schedule: async (step, at) => {
      try {
        await sender.scheduleMessages(toServiceBusMessage(step), new Date(at));
      } catch (error) {
        throw entityError(error, queue);
      }
    },
  };
}

/** Either settlement ends a dead letter: it is in the dead-letter queue already. */
async function handleDeadLetter(
  message: ServiceBusReceivedMessage,
  handler: CommandHandler,
): Promise<Settlement> {
  await handler(toQueuedMessage(message));
  return { kind: 'complete' };
}

function toServiceBusMessage(step: FollowUp): ServiceBusMessage {
  return {
    body: encodeFollowUp(step),
    messageId: idOf('followUp', step.exclusionKey, step.commandId, step.attempt),
    contentType: 'application/json',
    applicationProperties: { kind: 'followUp' },
  };
}

function toQueuedMessage(message: ServiceBusReceivedMessage): QueuedMessage {
  const { deadLetterReason } = message;
  return {
    messageId: String(message.messageId),
    body: readBody(message),
    deliveries: message.deliveryCount ?? 0,
    ...(deadLetterReason === undefined ? {} : { deadLetterReason }),
  };
}

function readBody(message: ServiceBusReceivedMessage): QueueBody {
  const bytes = bytesOf(message);
  if (message.applicationProperties?.['kind'] === 'followUp') {
    const step = decodeFollowUp(bytes);
    return step.ok ? { kind: 'followUp', followUp: step.value } : unreadable(bytes, step.error);
  }
  const decoded = decodeTopicMessage(bytes);
  if (!decoded.ok) return unreadable(bytes, decoded.error);
  const { value } = decoded;
  if (value.kind === 'scale' || value.kind === 'read') {
    return { kind: 'command', command: value.command };
  }
  const wrong = `'${value.kind}' is no command: expected scale, read or followUp`;
  return unreadable(bytes, [{ field: 'kind', message: wrong }]);
}

function unreadable(bytes: Uint8Array, problems: readonly Problem[]): QueueBody {
  return { kind: 'unreadable', problem: problemText(problems), ...outlineCommand(bytes) };
}
