/** The entities to serve. Names are matched without regard to case. */
export interface AmqpEntities {
  readonly eventHubs: readonly EventHubEntity[];
  readonly topics: readonly TopicEntity[];
  readonly queues: readonly QueueEntity[];
}

export interface EventHubEntity {
  readonly name: string;
  /** Fixed for the life of the data file. */
  readonly partitions: number;
  readonly retentionHours: number;
  /** Of all partitions together, each with an equal share; 1 GiB unless given. */
  readonly retentionBytes?: number;
  /** Besides `$Default`. */
  readonly consumerGroups: readonly string[];
}

export interface TopicEntity {
  readonly name: string;
  /** 0: off. May be a fraction. */
  readonly duplicateDetectionMinutes: number;
  /** Caps the time to live of every message. Absent: no cap. */
  readonly defaultTimeToLiveSeconds?: number;
  readonly subscriptions: readonly SubscriptionEntity[];
}

export interface QueueEntity extends MessageHolder {
  /** Absent or 0: off. May be a fraction. */
  readonly duplicateDetectionMinutes?: number;
}

export interface SubscriptionEntity extends MessageHolder {
  /** The SQL filter of its only rule, `$Default`. Neither this nor `rules`: everything. */
  readonly filter?: string;
  /**
   * A message is taken once when any of them matches. Rules that a client added or removed stay in
   * force until this list, or `filter`, is another one at a start.
   */
  readonly rules?: readonly SubscriptionRule[];
}

/** What queues and subscriptions have in common. */
interface MessageHolder {
  readonly name: string;
  readonly maxDeliveryCount: number;
  readonly lockSeconds: number;
  /** Caps the time to live of every message. Absent: no cap. */
  readonly defaultTimeToLiveSeconds?: number;
  /** Messages whose time to live passes become dead letters. Absent or false: they are dropped. */
  readonly deadLetterOnExpiration?: boolean;
  /** The name of a queue or topic that gets every message instead. */
  readonly forwardTo?: string;
  /** The name of a queue or topic that gets the dead letters instead. */
  readonly forwardDeadLettersTo?: string;
  /** Sessions are not supported: true is refused at the start. */
  readonly requiresSession?: boolean;
}

export interface SubscriptionRule {
  readonly name: string;
  readonly filter: RuleFilter;
  /** A SQL action. Actions are not supported: one is refused. */
  readonly action?: string;
}

export type RuleFilter = SqlRuleFilter | CorrelationRuleFilter;

export interface SqlRuleFilter {
  readonly kind: 'sql';
  /** `kind IN ('scale', 'read') AND sys.Label IS NOT NULL`; see docs/local-azure.md. */
  readonly expression: string;
}

/** Matches a message that has all of these values. */
export interface CorrelationRuleFilter {
  readonly kind: 'correlation';
  readonly contentType?: string;
  readonly correlationId?: string;
  /** The label, which the SDKs call subject. */
  readonly label?: string;
  readonly messageId?: string;
  readonly replyTo?: string;
  readonly replyToSessionId?: string;
  readonly sessionId?: string;
  readonly to?: string;
  /** Application properties. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}
