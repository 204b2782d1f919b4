import type { AmqpEntities } from '../entities.ts';

/** That messages go on from one entity to another, by names as they were given. */
export interface Forward {
  readonly from: string;
  readonly to: string;
  /** Of `forwardDeadLettersTo`. */
  readonly deadLetters: boolean;
}

export function subscriptionName(topic: string, subscription: string): string {
  return `${topic}/Subscriptions/${subscription}`;
}

/**
 * All forwarding of a configuration. Throws when something is forwarded to what is no queue or topic,
 * or back to where it comes from.
 */
export function forwardsOf(entities: AmqpEntities): readonly Forward[] {
  const { queues, topics } = entities;
  const subscriptions = topics.flatMap((topic) =>
    topic.subscriptions.map((each) => ({ ...each, name: subscriptionName(topic.name, each.name) })),
  );
  const forwards = [...queues, ...subscriptions].flatMap((holder): Forward[] => [
    ...toOf(holder.name, holder.forwardTo, false),
    ...toOf(holder.name, holder.forwardDeadLettersTo, true),
  ]);
  const targets = new Set([...queues, ...topics].map(({ name }) => name.toLowerCase()));
  for (const { from, to } of forwards) {
    if (targets.has(to.toLowerCase())) continue;
    throw new Error(`'${from}' forwards to '${to}', which is no queue or topic here.`);
  }
  refuseCycles(forwards, topics);
  return forwards;
}

function toOf(from: string, to: string | undefined, deadLetters: boolean): Forward[] {
  return to === undefined ? [] : [{ from, to, deadLetters }];
}

/** A message that comes back would be forwarded for ever, so every way has to end. */
function refuseCycles(forwards: readonly Forward[], topics: AmqpEntities['topics']): void {
  const next = new Map<string, string[]>();
  const link = (from: string, to: string): void => {
    next.set(from.toLowerCase(), [...(next.get(from.toLowerCase()) ?? []), to]);
  };
  for (const { from, to } of forwards) link(from, to);
  for (const { name, subscriptions } of topics) {
    for (const subscription of subscriptions) link(name, subscriptionName(name, subscription.name));
  }
  const ended = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    const key = name.toLowerCase();
    const start = way.findIndex((passed) => passed.toLowerCase() === key);
    if (start >= 0) {
      const cycle = [...way.slice(start), name].join("' → '");
      throw new Error(`Forwarding goes round in a circle: '${cycle}'. Take one of them out.`);
    }
    if (ended.has(key)) return;
    for (const to of next.get(key) ?? []) visit(to, [...way, name]);
    ended.add(key);
  };
  for (const { from } of forwards) visit(from, []);
}
