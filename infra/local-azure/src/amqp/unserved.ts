import type { DatabaseSync } from 'node:sqlite';
import type { AmqpEntities } from './entities.ts';

/**
 * Event hubs, queues, topics and subscriptions of earlier starts that are not among the entities
 * now. Their events and messages stay in the file, and are served again when they are named again.
 */
export function unservedEntities(db: DatabaseSync, entities: AmqpEntities): readonly string[] {
  const served = new Set(namesOf(entities).map((name) => name.toLowerCase()));
  const rows = db.prepare('SELECT name FROM hubs UNION SELECT name FROM entities').all();
  return (
    rows
      .map((row) => String(row['name']))
      // A dead-letter queue goes with what it belongs to.
      .filter((name) => !name.includes('/$') && !served.has(name.toLowerCase()))
  );
}

function namesOf({ eventHubs, topics, queues }: AmqpEntities): string[] {
  const subscriptions = topics.flatMap((topic) =>
    topic.subscriptions.map(({ name }) => `${topic.name}/Subscriptions/${name}`),
  );
  return [...[...eventHubs, ...topics, ...queues].map(({ name }) => name), ...subscriptions];
}
