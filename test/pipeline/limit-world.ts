import type { IncomingMessage, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { EventHubConsumerClient, earliestEventPosition } from '@azure/event-hubs';
import { connectArm, connectProjection } from '@headroom/azure-arm';
import { connectCosmos } from '@headroom/azure-cosmos';
import type { CosmosStores } from '@headroom/azure-cosmos';
import { connectEventHubs } from '@headroom/azure-event-hubs';
import type { EventHubs } from '@headroom/azure-event-hubs';
import { connectServiceBus } from '@headroom/azure-service-bus';
import { createApplier } from '@headroom/applier';
import type { Applier, ApplierPorts } from '@headroom/applier';
import { defaultRateLimitPolicy, instant, withLimit } from '@headroom/core';
import type {
  AccountLimits,
  AuditRecord,
  LogEvent,
  RateLimitPolicy,
  TargetId,
  TopicMessage,
} from '@headroom/core';
import type { LimitController } from '@headroom/ports';
import { enterAs, systemClock } from '@headroom/runtime';
import type { EventFields, EventLog } from '@headroom/runtime';
import { cosmos, eventHubs, serviceBus } from '@headroom/topology';
import { decodeEvent, decodeLimitChange, encodeAccountLimits } from '@headroom/wire';
import { compose as composeAudit } from '../../services/audit/src/compose.ts';
import { readConfig as auditConfig } from '../../services/audit/src/config.ts';
import { createEvents as auditEvents } from '../../services/audit/src/events.ts';
import { compose as composeIngest } from '../../services/ingest/src/compose.ts';
import { readConfig as ingestConfig } from '../../services/ingest/src/config.ts';
import { createEvents as ingestEvents } from '../../services/ingest/src/events.ts';
import { compose as composeScaler } from '../../services/scaler/src/compose.ts';
import { readConfig as scalerConfig } from '../../services/scaler/src/config.ts';
import { createEvents as scalerEvents } from '../../services/scaler/src/events.ts';
import { place } from '../conformance/arm-targets.ts';
import { quietLog } from '../conformance/quiet-log.ts';
import { Witness } from '../conformance/witness.ts';

export const webhookSecret = 'a-secret-of-the-test-that-is-long-enough';

/** Where in the log an event was, and what it was. */
export interface Seen {
  readonly partition: number;
  readonly event: LogEvent;
}

/** The services `scaler` and `audit` in this process, over the embedded Azure, and what a test does to them and sees of them. */
export class LimitWorld implements AsyncDisposable {
  readonly stores: CosmosStores;
  readonly metrics: ReturnType<EventHubs['metricPublisher']>;
  /** What the log holds. */
  readonly events = new Witness<Seen>();
  /** Names of what the scaler wrote to its own log. */
  readonly lines = new Witness<string>();
  /** And everything beside the names. */
  readonly said: string[] = [];
  readonly #opened: AsyncDisposableStack;
  readonly #ports: ApplierPorts;
  readonly #begin = instant(Date.now());

  private constructor(
    opened: AsyncDisposableStack,
    { stores, ports, metrics }: Pick<LimitWorld, 'stores' | 'metrics'> & { ports: ApplierPorts },
  ) {
    this.#opened = opened;
    this.stores = stores;
    this.metrics = metrics;
    this.#ports = ports;
  }

  /** `withIngest`: with what decides, where otherwise the test does. */
  static async start(
    env: Env,
    webhooks: Readonly<Record<string, string>>,
    withIngest = false,
  ): Promise<LimitWorld> {
    enterAs(env);
    await using opened = new AsyncDisposableStack();
    const bus = connectServiceBus({ connectionString: env.SERVICEBUS_CONNECTION_STRING }, quietLog);
    opened.defer(() => bus.close());
    const hub = { connectionString: env.EVENTHUBS_CONNECTION_STRING };
    const hubs = connectEventHubs(hub, quietLog);
    opened.defer(() => hubs.close());
    const account = { endpoint: env.COSMOS_ENDPOINT, key: env.COSMOS_KEY };
    const stores = connectCosmos({ ...account, database: cosmos.database }, quietLog);
    opened.defer(() => stores.close());
    const { name, partitions } = eventHubs.signals;
    const arm = { endpoint: env.ARM_ENDPOINT, token: env.ARM_TOKEN };
    const ports: ApplierPorts = {
      queue: bus.commandQueue(serviceBus.queue.name),
      ledger: stores.operations,
      targets: connectArm(arm, quietLog),
      limits: stores.limits,
      projection: connectProjection(arm),
      settings: stores.settings,
      topic: bus.decisionTopic(serviceBus.topic.name),
      signals: hubs.signalLog({ hub: name, partitions }),
      clock: systemClock(instant),
      log: quietLog,
    };
    const metrics = hubs.metricPublisher(eventHubs.metrics.name);
    const world = new LimitWorld(opened.move(), { stores, ports, metrics });
    world.#follow(hub.connectionString);
    await world.#serve(env, webhooks, withIngest);
    return world;
  }

  /** Puts an account to work as ARM shows it, with limits of ten calls a second that may be raised. */
  async apply(
    target: TargetId,
    keys: readonly string[],
    policy: RateLimitPolicy = defaultRateLimitPolicy,
  ): Promise<void> {
    const rules = keys.map((key) => {
      return { key, count: 10, renewalPeriod: 1, dynamicThrottlingEnabled: true };
    });
    const capabilities = [{ name: 'DynamicThrottling' }];
    const document = {
      id: target,
      name: target.split('/').at(-1),
      type: 'Microsoft.CognitiveServices/accounts',
      kind: 'ComputerVision',
      location: place.location,
      sku: { name: 'S1' },
      properties: { dynamicThrottlingEnabled: true, capabilities, callRateLimit: { rules } },
    };
    const beside = { policy, overrides: [] };
    await this.stores.settings.write({ target, id: target, expected: 0, document, ...beside });
  }

  get logId(): Promise<string> {
    return this.#ports.signals.describe().then(({ logId }) => logId);
  }

  publish(...messages: readonly TopicMessage[]): Promise<void> {
    return this.#ports.topic.publish(messages);
  }

  /** Another scaler, which is handed its messages by the test and may have other limits. */
  anotherScaler(limits: LimitController): Applier {
    return createApplier({ ...this.#ports, limits });
  }

  /** The log's events about a command, once the last of them is there. */
  async about(commandId: string): Promise<readonly Seen[]> {
    const isAbout = ({ event }: Seen): boolean =>
      (event.kind === 'started' && event.started.commandId === commandId) ||
      (event.kind === 'outcome' && event.outcome.commandId === commandId) ||
      (event.kind === 'capacity' && event.observation.commandId === commandId);
    const isLast = (seen: Seen): boolean => isAbout(seen) && seen.event.kind !== 'started';
    await this.events.until((seen) => seen.some(isLast), `the end of ${commandId}`);
    return this.events.seen.filter(isAbout);
  }

  async audited(target: TargetId, commandId: string): Promise<AuditRecord | undefined> {
    for await (const found of this.stores.audit.query({ target, since: this.#begin })) {
      if (found.kind === 'outcome' && found.outcome.commandId === commandId) return found;
    }
    return undefined;
  }

  #follow(connectionString: string): void {
    const { name } = eventHubs.signals;
    const reader = new EventHubConsumerClient('$Default', connectionString, name);
    const reading = reader.subscribe(
      {
        processEvents: (events, { partitionId }) => {
          for (const { body } of events) {
            const event = decodeEvent(body as Uint8Array);
            this.events.add({ partition: Number(partitionId), event });
          }
          return Promise.resolve();
        },
        processError: () => Promise.resolve(),
      },
      { startPosition: earliestEventPosition, skipParsingBodyAsJson: true },
    );
    this.#opened.defer(async () => {
      await reading.close();
      await reader.close();
    });
  }

  async #serve(
    env: Env,
    webhooks: Readonly<Record<string, string>>,
    withIngest: boolean,
  ): Promise<void> {
    const note = (event: string, fields?: EventFields) => {
      this.said.push(inspect(fields, { depth: 10 }));
      this.lines.add(event);
    };
    const log: EventLog = { info: note, warn: note, error: note };
    const all = {
      ...env,
      LIMIT_WEBHOOKS: JSON.stringify(webhooks),
      LIMIT_WEBHOOK_SECRET: webhookSecret,
    };
    const scaler = await composeScaler(scalerConfig(all), scalerEvents(log));
    this.#opened.use(scaler);
    const audit = await composeAudit(auditConfig(all), auditEvents(log));
    this.#opened.use(audit);
    const ending = new AbortController();
    const running = [scaler.run(ending.signal), audit.run(ending.signal)];
    if (withIngest) {
      const ingest = await composeIngest(ingestConfig(all), ingestEvents(log));
      this.#opened.use(ingest);
      running.push(ingest.run(ending.signal));
    }
    this.#opened.defer(async () => {
      ending.abort();
      await Promise.all(running);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

interface Env {
  readonly [name: string]: string;
  readonly EVENTHUBS_CONNECTION_STRING: string;
  readonly SERVICEBUS_CONNECTION_STRING: string;
  readonly COSMOS_ENDPOINT: string;
  readonly COSMOS_KEY: string;
  readonly ARM_ENDPOINT: string;
  readonly ARM_TOKEN: string;
}

/** Somebody's gateway: it keeps limits by the contract, or is away. */
export class Gateway {
  isAway = false;
  /** Methods and statuses, as they were asked and answered. */
  readonly asked = new Witness<string>();
  held: AccountLimits | undefined;

  readonly listener: RequestListener = (request, response) => {
    void this.#answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'retry-after': '1' }).end(body);
      this.asked.add(`${request.method} ${status}`);
    });
  };

  async #answer(request: IncomingMessage): Promise<{ status: number; body?: string }> {
    const body = await text(request);
    if (this.isAway) return { status: 503 };
    if (request.method === 'GET') {
      if (this.held === undefined) return { status: 404 };
      return { status: 200, body: JSON.stringify(encodeAccountLimits(this.held)) };
    }
    const change = decodeLimitChange(JSON.parse(body));
    if (!change.ok) return { status: 400 };
    const next = withLimit(this.held, change.value);
    this.held = next ?? this.held;
    return { status: next === undefined ? 409 : 200 };
  }
}
