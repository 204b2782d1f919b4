import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Log, RecordFeed, RecordHandler, Settlement } from '@headroom/ports';
import { decodeTopicMessage } from '@headroom/wire';
import { runIntake } from './intake.ts';
import type { IntakeLimits } from './intake.ts';
import { bytesOf, problemText } from './message-body.ts';

export interface RecordFeedOptions {
  readonly client: ServiceBusClient;
  readonly topic: string;
  readonly subscription: string;
  readonly limits: IntakeLimits | undefined;
  readonly log: Log;
}

const concurrencyDefault = 32;

export function createRecordFeed(options: RecordFeedOptions): RecordFeed {
  const { client, topic, subscription, limits, log } = options;
  return {
    run: (handler, signal) =>
      runIntake(
        {
          createReceiver: (receiving) => client.createReceiver(topic, subscription, receiving),
          entity: `${topic}/${subscription}`,
          concurrency: limits?.concurrency ?? concurrencyDefault,
          log,
          handle: (message) => handleRecord(message, handler),
        },
        signal,
      ),
  };
}

async function handleRecord(
  message: ServiceBusReceivedMessage,
  handler: RecordHandler,
): Promise<Settlement> {
  const record = decodeTopicMessage(bytesOf(message));
  if (!record.ok) {
    return { kind: 'deadLetter', reason: 'Unreadable', description: problemText(record.error) };
  }
  await handler(record.value);
  return { kind: 'complete' };
}
