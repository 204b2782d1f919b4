import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import { ServiceBusClient } from '@azure/service-bus';
import { serviceBus } from '@headroom/topology';
import type { Random } from '../random.ts';
import { AUDIT, BACK_SOON, ONCE, openReceiver, QUEUE, receive } from './bus-receivers.ts';
import type { Load, LoadContext } from './load.ts';
import { afterFailure, answerOf, CLOSE_LIMIT_MS, pause } from './load.ts';

const PATIENCE_MS = 12_000;
const [SOON_MS, LATER_MS] = [200, 2_500];
const PAD = 'x'.repeat(200);

/** A lane of one sender: it makes messages and knows where they are to arrive. */
interface Sender {
  readonly lane: string;
  readonly sender: ServiceBusSender;
  readonly random: Random;
}

/**
 * Senders to the queue and to the topic, which send again what had no answer; schedules, half of
 * them cancelled; receivers that settle in every way.
 */
export function startBusLoad(connectionString: string, context: LoadContext): Load {
  const client = new ServiceBusClient(connectionString, ONCE);
  const laneOf = (lane: string, entity: string): Sender => {
    return { lane, sender: client.createSender(entity), random: context.random(lane) };
  };
  const { queue, topic } = serviceBus;
  const lanes = [
    sendAgainAndAgain(laneOf('queue', queue.name), context),
    sendAgainAndAgain(laneOf('topic', topic.name), context),
    schedule(laneOf('later', queue.name), context),
  ];
  const back = new ServiceBusClient(connectionString, BACK_SOON);
  const receivers = [QUEUE, AUDIT].map((path) => receive(openReceiver(back, path), path, context));
  return {
    sent: Promise.all(lanes).then(() => undefined),
    [Symbol.asyncDispose]: async () => {
      const closing = [...receivers, client, back].map((each) => each.close());
      await answerOf(Promise.all(closing), CLOSE_LIMIT_MS);
    },
  };
}

/** What the topology does with a message of the lane: the queue's own, or the topic's two ways. */
function pathsOf(lane: string, message: ServiceBusMessage): readonly string[] {
  if (lane !== 'topic') return [QUEUE];
  return message.applicationProperties?.['kind'] === 'scale' ? [AUDIT, QUEUE] : [AUDIT];
}

async function sendAgainAndAgain(from: Sender, context: LoadContext): Promise<void> {
  const { lane, sender, random } = from;
  for (let next = 0; !context.ending.aborted;) {
    const count = random.chance(0.02) ? 100 : random.int(1, 4);
    const messages = Array.from({ length: count }, (_, at) => message(from, next + at));
    next += count;
    await sendUntilAnswered(lane, sender, messages, context);
    await pause(random, 40);
  }
}

/** The same ids again until there is an answer: the entity keeps each of them once. */
async function sendUntilAnswered(
  lane: string,
  sender: ServiceBusSender,
  messages: ServiceBusMessage[],
  { recording, ending }: LoadContext,
): Promise<void> {
  const record = (outcome: 'acknowledged' | 'unknown', kill: number): void => {
    for (const each of messages) {
      const id = String(each.messageId);
      recording.bus.push({ kind: 'sent', id, paths: pathsOf(lane, each), outcome, dueMs: 0, kill });
    }
  };
  // Noted before it is sent: a receiver may have it before the sender has its answer.
  record('unknown', recording.kills);
  do {
    const answer = await answerOf(sender.sendMessages(messages), PATIENCE_MS);
    if (answer !== undefined) {
      record('acknowledged', recording.kills);
      return;
    }
    await afterFailure();
  } while (!ending.aborted);
}

async function schedule(from: Sender, { recording, ending }: LoadContext): Promise<void> {
  const { sender, random } = from;
  for (let next = 0; !ending.aborted; next += 1) {
    const each = message(from, next);
    const id = String(each.messageId);
    const dueMs = Date.now() + random.int(SOON_MS, LATER_MS);
    const sent = { kind: 'sent', id, paths: [QUEUE], dueMs } as const;
    recording.bus.push({ ...sent, outcome: 'unknown', kill: recording.kills });
    const kept = await answerOf(sender.scheduleMessages(each, new Date(dueMs)), PATIENCE_MS);
    if (kept === undefined) {
      await afterFailure();
      continue;
    }
    recording.bus.push({ ...sent, outcome: 'acknowledged', kill: recording.kills });
    await pause(random, 100);
    if (random.chance(0.5)) continue;
    const done = await answerOf(sender.cancelScheduledMessages(kept.of), PATIENCE_MS);
    // Too late is no answer either: then the message comes, or came.
    const outcome = done === undefined ? 'unknown' : 'acknowledged';
    recording.bus.push({ kind: 'cancelled', id, outcome, kill: recording.kills });
  }
}

function message({ lane, random }: Sender, number: number): ServiceBusMessage {
  const kind = random.chance(0.5) ? 'scale' : 'decision';
  return { messageId: `${lane}-${number}`, body: PAD, applicationProperties: { kind } };
}
