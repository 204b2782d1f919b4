import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import { assert, minuteMs, never, topicMessageId } from '@headroom/core';
import type { TargetId, TopicMessage } from '@headroom/core';
import type { DecisionTopic } from '@headroom/ports';
import { encodeTopicMessage } from '@headroom/wire';
import { EntityRefused, entityError } from './errors.ts';

/** What repeats itself is of no use later; what says that something was done or changed stays until it is read. */
const repeatedLifetimeMs = 15 * minuteMs;

export function createDecisionTopic(sender: ServiceBusSender, topic: string): DecisionTopic {
  return {
    publish: async (messages) => {
      try {
        await sendAll(sender, topic, messages.map(toServiceBusMessage));
      } catch (error) {
        throw entityError(error, topic);
      }
    },
  };
}

async function sendAll(
  sender: ServiceBusSender,
  topic: string,
  messages: readonly ServiceBusMessage[],
): Promise<void> {
  for (let next = 0; next < messages.length;) {
    const batch = await sender.createMessageBatch();
    const first = next;
    for (let message = messages[next]; message !== undefined; message = messages[next]) {
      if (!batch.tryAddMessage(message)) break;
      next++;
    }
    if (next === first) throw tooLarge(topic, messages[first], batch.maxSizeInBytes);
    await sender.sendMessages(batch);
  }
}

function tooLarge(
  topic: string,
  message: ServiceBusMessage | undefined,
  limit: number,
): EntityRefused {
  const id = String(message?.messageId);
  const what = `message ${id} does not fit the ${limit} bytes that topic '${topic}' takes: use a tier with larger messages`;
  return new EntityRefused(topic, 'MessageSizeExceeded', what);
}

function toServiceBusMessage(message: TopicMessage): ServiceBusMessage {
  return {
    body: encodeTopicMessage(message),
    messageId: topicMessageId(message),
    subject: subjectOf(targetOf(message)),
    contentType: 'application/json',
    applicationProperties: { kind: message.kind },
    ...(isRepetition(message) ? { timeToLive: repeatedLifetimeMs } : {}),
  };
}

/** Heartbeats, and the unchanged evaluations that `auditLevel: all` records. */
function isRepetition(message: TopicMessage): boolean {
  if (message.kind !== 'decision') return false;
  return message.decision.record === 'heartbeat' || message.decision.record === 'all';
}

function targetOf(message: TopicMessage): TargetId {
  switch (message.kind) {
    case 'scale':
    case 'read':
      return message.command.target;
    case 'decision':
      return message.decision.target;
    case 'setting':
      return message.setting.target;
    case 'outcome':
      return message.outcome.target;
    case 'divergence':
      return message.divergence.target;
    default:
      return never(message);
  }
}

function subjectOf(target: TargetId): string {
  assert(target !== '', 'a message of the topic names its target');
  return target;
}
