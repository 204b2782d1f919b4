import { z } from 'zod';
import type { LocalEntities } from '../entities.ts';
import { withoutAbsent } from './without-absent.ts';

/** Our own configuration file: the entities as `AmqpEntities` has them, with what Azure takes for granted. */

const MAX_PARTITIONS = 1024;

const name = z.string().min(1).max(260);
const wholeFromOne = z.int().min(1);
const text = z.string();

const eventHub = z.strictObject({
  name,
  partitions: z.int().min(1).max(MAX_PARTITIONS).default(4),
  retentionHours: wholeFromOne.default(24),
  retentionBytes: wholeFromOne.optional(),
  consumerGroups: z.array(name).default([]),
});

const holder = {
  name,
  maxDeliveryCount: wholeFromOne.default(10),
  lockSeconds: z.number().positive().max(300).default(60),
  defaultTimeToLiveSeconds: z.number().positive().optional(),
  deadLetterOnExpiration: z.boolean().optional(),
  forwardTo: name.optional(),
  forwardDeadLettersTo: name.optional(),
};

const queue = z.strictObject({
  ...holder,
  duplicateDetectionMinutes: z.number().min(0).optional(),
});

const correlation = z.strictObject({
  kind: z.literal('correlation'),
  contentType: text.optional(),
  correlationId: text.optional(),
  label: text.optional(),
  messageId: text.optional(),
  replyTo: text.optional(),
  replyToSessionId: text.optional(),
  sessionId: text.optional(),
  to: text.optional(),
  properties: z.record(text, z.union([text, z.number(), z.boolean()])).optional(),
});
const sql = z.strictObject({ kind: z.literal('sql'), expression: text.min(1) });

const rule = z.strictObject({ name, filter: z.discriminatedUnion('kind', [sql, correlation]) });

const subscription = z.strictObject({
  ...holder,
  filter: text.min(1).optional(),
  rules: z.array(rule).optional(),
});

const topic = z.strictObject({
  name,
  duplicateDetectionMinutes: z.number().min(0).default(0),
  defaultTimeToLiveSeconds: z.number().positive().optional(),
  subscriptions: z.array(subscription).default([]),
});

const keyPath = z.string().regex(/^\//, 'expected a path such as /tenant');
const container = z.strictObject({
  name,
  partitionKey: z.union([keyPath.transform((path) => [path]), z.array(keyPath).min(1).max(3)]),
  ttlSeconds: z.union([z.literal(-1), wholeFromOne]).optional(),
});
const database = z.strictObject({ name, containers: z.array(container).default([]) });

export const configShape: z.ZodType<LocalEntities> = z
  .strictObject({
    eventHubs: z.array(eventHub).default([]),
    queues: z.array(queue).default([]),
    topics: z.array(topic).default([]),
    databases: z.array(database).default([]),
  })
  .transform(({ databases, ...amqp }) => withoutAbsent({ amqp, databases }));
