import { z } from 'zod';
import type { LocalEntities } from '../entities.ts';
import type { RuleFilter, SubscriptionRule } from '../amqp/index.ts';
import { isoSeconds } from './iso-duration.ts';
import { withoutAbsent } from './without-absent.ts';

/**
 * The `Config.json` of Microsoft's emulators: github.com/Azure/azure-event-hubs-emulator-installer and
 * azure-service-bus-emulator-installer. What it can say and we cannot do is refused by its name.
 */

const MAX_PARTITIONS = 32;
const text = z.string();
const name = text.min(1).max(260);
/** The emulators write `""` where there is nothing. */
const optionalName = text.transform((value) => (value === '' ? undefined : value)).optional();
const wholeNumber = z.union([
  z.int(),
  text.regex(/^\d+$/, 'expected a whole number').transform(Number),
]);
const duration = text.transform((value, context) => {
  const seconds = isoSeconds(value);
  if (seconds !== undefined) return seconds;
  context.addIssue({
    code: 'custom',
    message: `expected an ISO 8601 duration such as PT1M, not '${value}'`,
  });
  return z.NEVER;
});
/** Where the emulator writes its own log: there is none here, and nothing depends on it. */
const logging = z.unknown().optional();

const hub = z.strictObject({
  Name: name,
  PartitionCount: wholeNumber.pipe(z.number().min(1).max(MAX_PARTITIONS)).default(4),
  ConsumerGroups: z.array(z.strictObject({ Name: name })).default([]),
});

export const eventHubsEmulator: z.ZodType<LocalEntities> = z
  .strictObject({
    UserConfig: z.strictObject({
      NamespaceConfig: z.array(
        z.strictObject({
          Type: z.enum(['EventHub', 'eventhub']).optional(),
          Name: text.optional(),
          Entities: z.array(hub).default([]),
        }),
      ),
      LoggingConfig: logging,
    }),
  })
  .transform(({ UserConfig }) => ({
    amqp: {
      eventHubs: UserConfig.NamespaceConfig.flatMap(({ Entities }) => Entities).map((each) => ({
        name: each.Name,
        partitions: each.PartitionCount,
        retentionHours: 1,
        consumerGroups: each.ConsumerGroups.map((group) => group.Name).filter(
          (group) => group.toLowerCase() !== '$default',
        ),
      })),
      queues: [],
      topics: [],
    },
    databases: [],
  }));

const noSessions = z
  .boolean()
  .refine(
    (required) => !required,
    'sessions are not supported by the embedded Azure: make it false, or use real Azure',
  )
  .optional();

const holder = {
  DeadLetteringOnMessageExpiration: z.boolean().optional(),
  DefaultMessageTimeToLive: duration.optional(),
  ForwardDeadLetteredMessagesTo: optionalName,
  ForwardTo: optionalName,
  LockDuration: duration.optional(),
  MaxDeliveryCount: wholeNumber.pipe(z.number().min(1)).optional(),
  RequiresSession: noSessions,
};
const duplicates = {
  DuplicateDetectionHistoryTimeWindow: duration.optional(),
  RequiresDuplicateDetection: z.boolean().optional(),
};

const correlation = z.strictObject({
  ContentType: text.optional(),
  CorrelationId: text.optional(),
  Label: text.optional(),
  MessageId: text.optional(),
  ReplyTo: text.optional(),
  ReplyToSessionId: text.optional(),
  SessionId: text.optional(),
  To: text.optional(),
  Properties: z.record(text, z.union([text, z.number(), z.boolean()])).optional(),
});
const noAction = z
  .unknown()
  .refine(
    (action) => action === undefined || action === null,
    'actions of rules are not supported by the embedded Azure: leave it out, or use real Azure',
  )
  .optional();
const rule = z.strictObject({
  Name: name,
  Properties: z.discriminatedUnion('FilterType', [
    z.strictObject({
      FilterType: z.literal('Correlation'),
      CorrelationFilter: correlation,
      Action: noAction,
    }),
    z.strictObject({
      FilterType: z.literal('Sql'),
      SqlFilter: z.strictObject({ SqlExpression: text.min(1) }),
      Action: noAction,
    }),
  ]),
});

const queue = z.strictObject({
  Name: name,
  Properties: z.strictObject({ ...holder, ...duplicates }).default({}),
});
const subscription = z.strictObject({
  Name: name,
  Properties: z.strictObject(holder).default({}),
  Rules: z.array(rule).optional(),
});
const topic = z.strictObject({
  Name: name,
  Properties: z
    .strictObject({ DefaultMessageTimeToLive: duration.optional(), ...duplicates })
    .default({}),
  Subscriptions: z.array(subscription).default([]),
});

export const serviceBusEmulator: z.ZodType<LocalEntities> = z
  .strictObject({
    UserConfig: z.strictObject({
      Namespaces: z.array(
        z.strictObject({
          Name: text.optional(),
          Queues: z.array(queue).default([]),
          Topics: z.array(topic).default([]),
        }),
      ),
      Logging: logging,
    }),
  })
  .transform(({ UserConfig }) => {
    const queues = UserConfig.Namespaces.flatMap(({ Queues }) => Queues).map(queueOf);
    const topics = UserConfig.Namespaces.flatMap(({ Topics }) => Topics).map(topicOf);
    return withoutAbsent({ amqp: { eventHubs: [], queues, topics }, databases: [] });
  });

type Holder = z.output<z.ZodObject<typeof holder>>;

const holderOf = (entity: string, properties: Holder) => ({
  name: entity,
  maxDeliveryCount: properties.MaxDeliveryCount ?? 10,
  lockSeconds: properties.LockDuration ?? 60,
  defaultTimeToLiveSeconds: finite(properties.DefaultMessageTimeToLive),
  deadLetterOnExpiration: properties.DeadLetteringOnMessageExpiration,
  forwardTo: properties.ForwardTo,
  forwardDeadLettersTo: properties.ForwardDeadLetteredMessagesTo,
});

const queueOf = ({ Name, Properties }: z.output<typeof queue>) => ({
  ...holderOf(Name, Properties),
  duplicateDetectionMinutes: minutesOf(Properties),
});

const topicOf = ({ Name, Properties, Subscriptions }: z.output<typeof topic>) => ({
  name: Name,
  duplicateDetectionMinutes: minutesOf(Properties),
  defaultTimeToLiveSeconds: finite(Properties.DefaultMessageTimeToLive),
  subscriptions: Subscriptions.map((each) => ({
    ...holderOf(each.Name, each.Properties),
    rules: each.Rules?.map(ruleOf),
  })),
});

function ruleOf({ Name, Properties }: z.output<typeof rule>): SubscriptionRule {
  return { name: Name, filter: filterOf(Properties) };
}

function filterOf(properties: z.output<typeof rule>['Properties']): RuleFilter {
  if (properties.FilterType === 'Sql') {
    return { kind: 'sql', expression: properties.SqlFilter.SqlExpression };
  }
  const { CorrelationFilter: given } = properties;
  return withoutAbsent({
    kind: 'correlation' as const,
    contentType: given.ContentType,
    correlationId: given.CorrelationId,
    label: given.Label,
    messageId: given.MessageId,
    replyTo: given.ReplyTo,
    replyToSessionId: given.ReplyToSessionId,
    sessionId: given.SessionId,
    to: given.To,
    properties: given.Properties,
  });
}

/** `TimeSpan.MaxValue`, which is how Azure writes "for ever", is 10,675,199 days. */
const FOR_EVER_SECONDS = 10_675_199 * 24 * 3600;

const finite = (seconds: number | undefined): number | undefined =>
  seconds !== undefined && seconds < FOR_EVER_SECONDS ? seconds : undefined;

const DEFAULT_DUPLICATE_WINDOW_SECONDS = 60;

function minutesOf(properties: {
  readonly RequiresDuplicateDetection?: boolean | undefined;
  readonly DuplicateDetectionHistoryTimeWindow?: number | undefined;
}): number {
  if (properties.RequiresDuplicateDetection !== true) return 0;
  return (properties.DuplicateDetectionHistoryTimeWindow ?? DEFAULT_DUPLICATE_WINDOW_SECONDS) / 60;
}
