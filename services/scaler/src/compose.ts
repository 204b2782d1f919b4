import 'reflect-metadata';
import { container, instanceCachingFactory } from 'tsyringe';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import { createApplier } from '@headroom/applier';
import type { Applier } from '@headroom/applier';
import type { CosmosStores } from '@headroom/azure-cosmos';
import type { EventHubs } from '@headroom/azure-event-hubs';
import type { ServiceBus } from '@headroom/azure-service-bus';
import { instant } from '@headroom/core';
import type {
  CapacityProjection,
  DecisionTopic,
  LimitController,
  Log,
  ScaleTarget,
  SignalLog,
} from '@headroom/ports';
import { createStages, startHealth, systemClock } from '@headroom/runtime';
import type { Stage } from '@headroom/runtime';
import { cosmos, eventHubs, serviceBus } from '@headroom/topology';
import { connectWebhooks } from '@headroom/webhook';
import type { ScalerConfig } from './config.ts';
import type { ScalerEvents } from './events.ts';

export interface Scaler extends AsyncDisposable {
  /** Carries commands out until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the service is made of. Each part is made once, when it is first asked for. */
const T = {
  log: Symbol('log') as InjectionToken<Log>,
  stores: Symbol('stores') as InjectionToken<CosmosStores>,
  hubs: Symbol('hubs') as InjectionToken<EventHubs>,
  bus: Symbol('bus') as InjectionToken<ServiceBus>,
  targets: Symbol('targets') as InjectionToken<ScaleTarget>,
  limits: Symbol('limits') as InjectionToken<LimitController>,
  projection: Symbol('projection') as InjectionToken<CapacityProjection>,
  signals: Symbol('signals') as InjectionToken<SignalLog>,
  topic: Symbol('topic') as InjectionToken<DecisionTopic>,
  applier: Symbol('applier') as InjectionToken<Applier>,
};

export async function compose(config: ScalerConfig, events: ScalerEvents): Promise<Scaler> {
  const { log } = events;
  const parts = container.createChildContainer();
  await using opened = new AsyncDisposableStack();
  parts.register(T.log, { useValue: log });
  const fatal = await registerAzure(parts, config, opened);
  registerApplier(parts, events);
  const stages = createStages({ applier: applierStage(parts) }, { log, fatal });
  opened.use(
    await startHealth({ ...config.health, log, counters: () => log.counters() }, stages.checks),
  );
  const kept = opened.move();
  return { run: (signal) => stages.run(signal), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function once<P>(make: (parts: DependencyContainer) => P) {
  return { useFactory: instanceCachingFactory(make) };
}

/** The SDKs take most of the time to load: they come here, after the configuration was read. */
async function registerAzure(
  parts: DependencyContainer,
  config: ScalerConfig,
  opened: AsyncDisposableStack,
): Promise<(error: unknown) => boolean> {
  const { connectArm, connectProjection } = await import('@headroom/azure-arm');
  const { connectCosmos } = await import('@headroom/azure-cosmos');
  const { connectEventHubs, PartitionCountMismatch } = await import('@headroom/azure-event-hubs');
  const { connectServiceBus } = await import('@headroom/azure-service-bus');
  const account = { ...config.cosmos, database: cosmos.database };
  parts.register(
    T.targets,
    once((p) => connectArm(config.resourceManager, p.resolve(T.log))),
  );
  parts.register(
    T.projection,
    once(() => connectProjection(config.resourceManager)),
  );
  parts.register(
    T.stores,
    once((p) => {
      return opened.adopt(connectCosmos(account, p.resolve(T.log)), (stores) => stores.close());
    }),
  );
  parts.register(
    T.hubs,
    once((p) => {
      const hubs = connectEventHubs(config.eventHubs, p.resolve(T.log));
      return opened.adopt(hubs, () => hubs.close());
    }),
  );
  parts.register(
    T.bus,
    once((p) => {
      const bus = connectServiceBus(config.serviceBus, p.resolve(T.log));
      return opened.adopt(bus, () => bus.close());
    }),
  );
  await registerLimits(parts, config, opened);
  // A wrong partition count is never mended by trying again.
  return (error) => error instanceof PartitionCountMismatch;
}

/** Limits are for our own gateways, in Cosmos, or for somebody else's, by its webhook. */
async function registerLimits(
  parts: DependencyContainer,
  { webhooks }: ScalerConfig,
  opened: AsyncDisposableStack,
): Promise<void> {
  if (webhooks === undefined) {
    parts.register(T.limits, { useFactory: (p) => p.resolve(T.stores).limits });
    return;
  }
  const { limits } = parts.resolve(T.stores);
  const made = await connectWebhooks(webhooks, limits);
  parts.register(T.limits, { useValue: opened.adopt(made, () => made.close()) });
}

function registerApplier(parts: DependencyContainer, events: ScalerEvents): void {
  const { name: hub, partitions } = eventHubs.signals;
  parts.register(
    T.signals,
    once((p) => p.resolve(T.hubs).signalLog({ hub, partitions })),
  );
  parts.register(
    T.topic,
    once((p) => observed(p.resolve(T.bus), events)),
  );
  parts.register(
    T.applier,
    once((p) =>
      createApplier({
        queue: p.resolve(T.bus).commandQueue(serviceBus.queue.name),
        ledger: p.resolve(T.stores).operations,
        targets: p.resolve(T.targets),
        projection: p.resolve(T.projection),
        limits: p.resolve(T.limits),
        settings: p.resolve(T.stores).settings,
        topic: p.resolve(T.topic),
        signals: p.resolve(T.signals),
        clock: systemClock(instant),
        log: p.resolve(T.log),
      }),
    ),
  );
}

/** The topic, with every message that it took told to the service's events. */
function observed(bus: ServiceBus, events: ScalerEvents): DecisionTopic {
  const topic = bus.decisionTopic(serviceBus.topic.name);
  return {
    publish: async (messages) => {
      await topic.publish(messages);
      events.published(messages);
    },
  };
}

/** Ready when the log and the ledger answer: without them no command may be taken. */
function applierStage(parts: DependencyContainer): Stage {
  const applier = parts.resolve(T.applier);
  const signals = parts.resolve(T.signals);
  const { operations } = parts.resolve(T.stores);
  return {
    probe: async () => {
      await signals.describe();
      await operations.read('probe');
    },
    run: (signal) => applier.run(signal),
  };
}
