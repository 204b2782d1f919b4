import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import type {
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusReceiverOptions,
} from '@azure/service-bus';
import { serviceBus } from '@headroom/topology';
import type { BusStep } from '../check/messages.ts';
import { REJECTED } from '../check/messages.ts';
import type { Random } from '../random.ts';
import type { LoadContext } from './load.ts';
import { answerOf, persist } from './load.ts';

export const QUEUE = serviceBus.queue.name;
export const AUDIT = `${serviceBus.topic.name}/${serviceBus.topic.subscriptions[0].name}`;

/** No retry of the SDK's own: this load sends again itself, and knows that it did. */
export const ONCE = { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } };
/** Of receivers, which the SDK connects again by itself; its own pause would be 30 s. */
export const BACK_SOON = {
  retryOptions: { maxRetries: 3, retryDelayInMs: 100, timeoutInMs: 5_000 },
};
/** A settlement without an answer by then is of unknown outcome. */
const SETTLE_LIMIT_MS = 6_000;
/** More than a lock: what a client holds that gave up comes back. */
const DRAIN_LIMIT_MS = 90_000;
/** Of both entities. */
const LOCK_MS = serviceBus.queue.lockSeconds * 1000;
const PEEK_MS = 200;
const PAGE = 200;

type How = (BusStep & { kind: 'settled' })['how'];

export function openReceiver(
  client: ServiceBusClient,
  path: string,
  options: ServiceBusReceiverOptions = {},
): ServiceBusReceiver {
  const [topic = '', subscription] = path.split('/');
  return subscription === undefined
    ? client.createReceiver(topic, options)
    : client.createReceiver(topic, subscription, options);
}

/** Receives with peek-lock until closed. When the senders have stopped, everything is completed. */
export function receive(
  receiver: ServiceBusReceiver,
  path: string,
  context: LoadContext,
): { close(): Promise<void> } {
  const { recording, ending } = context;
  const random = context.random(`receiver of ${path}`);
  const turns = new Turns();
  const deliveries = new Map<string, number>();
  const processMessage = async (message: ServiceBusReceivedMessage): Promise<void> => {
    const id = String(message.messageId);
    const about = { path, id };
    const delivery = (deliveries.get(id) ?? 0) + 1;
    deliveries.set(id, delivery);
    const life = recording.killsBefore((message.lockedUntilUtc?.getTime() ?? 0) - LOCK_MS);
    recording.bus.push({
      ...{ kind: 'delivered', ...about, sequence: message.sequenceNumber?.toNumber() ?? -1 },
      ...{ deliveryCount: message.deliveryCount ?? 0, atMs: Date.now() },
      kill: life,
    });
    const how = ending.aborted ? 'complete' : choose(random);
    if (random.chance(0.1)) await answerOf(receiver.renewMessageLock(message), SETTLE_LIMIT_MS);
    await turns.next();
    recording.bus.push({ kind: 'settling', ...about, how, delivery, kill: recording.kills });
    const answer = await answerOf(settle(receiver, message, how), SETTLE_LIMIT_MS);
    // The SDK finds whom an answer is for by the delivery's number, which begins anew with each link, and
    // asks again by itself: one that comes when the process has died since may be another delivery's.
    const isStale = recording.killsBefore(Date.now()) > life;
    const outcome = answer === undefined || isStale ? 'unknown' : 'acknowledged';
    recording.bus.push({
      kind: 'settled',
      ...about,
      how,
      delivery,
      outcome,
      kill: recording.kills,
    });
  };
  // The SDK connects again by itself; what it misses for good is missing at the end.
  const processError = (): Promise<void> => Promise.resolve();
  return receiver.subscribe(
    { processMessage, processError },
    { autoCompleteMessages: false, maxConcurrentCalls: 10 },
  );
}

/**
 * Never two settlements in one turn of the event loop: rhea 3.0.5 puts neighbours into one frame, and
 * gives the second the outcome of the first, whatever its own was.
 */
class Turns {
  #last: Promise<void> = Promise.resolve();

  next(): Promise<void> {
    this.#last = this.#last.then(() => setImmediate());
    return this.#last;
  }
}

function choose(random: Random): How {
  const draw = random.next();
  if (draw < 0.1) return 'abandon';
  return draw < 0.15 ? 'dead-letter' : 'complete';
}

function settle(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  how: How,
): Promise<unknown> {
  switch (how) {
    case 'complete':
      return receiver.completeMessage(message);
    case 'abandon':
      return receiver.abandonMessage(message);
    case 'defer':
      return receiver.deferMessage(message);
    case 'dead-letter':
      return receiver.deadLetterMessage(message, {
        deadLetterReason: REJECTED,
        deadLetterErrorDescription: '',
      });
  }
}

/** Waits until nothing is left to receive, then notes what is, and every dead letter. */
export async function settleAccounts(
  connectionString: string,
  { recording }: Pick<LoadContext, 'recording'>,
): Promise<void> {
  const endsAt = Date.now() + DRAIN_LIMIT_MS;
  for (const path of [QUEUE, AUDIT]) {
    let left = await peekAll(connectionString, path);
    while (left.length > 0 && Date.now() < endsAt) {
      await delay(PEEK_MS);
      left = await peekAll(connectionString, path);
    }
    const kill = recording.kills;
    for (const message of left) {
      recording.bus.push({ kind: 'left', path, id: String(message.messageId), kill });
    }
    for (const message of await peekAll(connectionString, path, { subQueueType: 'deadLetter' })) {
      const reason = message.deadLetterReason ?? 'none';
      recording.bus.push({ kind: 'dead', path, id: String(message.messageId), reason, kill });
    }
  }
}

/** What the entity holds, in any state, page after page. */
async function peekAll(
  connectionString: string,
  path: string,
  options: ServiceBusReceiverOptions = {},
): Promise<readonly ServiceBusReceivedMessage[]> {
  // Each client goes on behind the last message of the entity that any of its receivers peeked at.
  const client = new ServiceBusClient(connectionString, ONCE);
  const receiver = openReceiver(client, path, options);
  const found: ServiceBusReceivedMessage[] = [];
  let page: readonly ServiceBusReceivedMessage[];
  do {
    page = await persist(`peeking ${path}`, () => receiver.peekMessages(PAGE));
    found.push(...page);
  } while (page.length > 0);
  await client.close();
  return found;
}
