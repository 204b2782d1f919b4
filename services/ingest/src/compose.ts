import 'reflect-metadata';
import { container, instanceCachingFactory } from 'tsyringe';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import type { CosmosStores } from '@headroom/azure-cosmos';
import type { EventHubs } from '@headroom/azure-event-hubs';
import type { ServiceBus } from '@headroom/azure-service-bus';
import { instant } from '@headroom/core';
import { createEvaluator } from '@headroom/evaluator';
import type { Evaluator } from '@headroom/evaluator';
import type { DecisionTopic, Log, SignalLog } from '@headroom/ports';
import { createRouter } from '@headroom/router';
import type { Router } from '@headroom/router';
import { createStages, startHealth, systemClock } from '@headroom/runtime';
import type { HealthChecks, Stage, Stages } from '@headroom/runtime';
import { cosmos, eventHubs, serviceBus } from '@headroom/topology';
import type { IngestConfig } from './config.ts';
import type { IngestEvents } from './events.ts';
import { followSettings } from '@headroom/settings';
import type { FollowedSettings } from '@headroom/settings';

export interface Ingest extends AsyncDisposable {
  /** Routes and evaluates until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the service is made of. Each part is made once, when it is first asked for. */
const T = {
  log: Symbol('log') as InjectionToken<Log>,
  stores: Symbol('stores') as InjectionToken<CosmosStores>,
  hubs: Symbol('hubs') as InjectionToken<EventHubs>,
  bus: Symbol('bus') as InjectionToken<ServiceBus>,
  signals: Symbol('signals') as InjectionToken<SignalLog>,
  topic: Symbol('topic') as InjectionToken<DecisionTopic>,
  settings: Symbol('settings') as InjectionToken<FollowedSettings>,
  router: Symbol('router') as InjectionToken<Router>,
  evaluator: Symbol('evaluator') as InjectionToken<Evaluator>,
};

export async function compose(config: IngestConfig, events: IngestEvents): Promise<Ingest> {
  const { log } = events;
  const parts = container.createChildContainer();
  await using opened = new AsyncDisposableStack();
  parts.register(T.log, { useValue: log });
  const fatal = await registerAzure(parts, config, opened);
  registerEdges(parts, events);
  registerStages(parts, config);
  const stages = stagesOf(parts, log, fatal);
  const checks = checksOf(parts, stages);
  opened.use(await startHealth({ ...config.health, log, counters: () => log.counters() }, checks));
  const kept = opened.move();
  return { run: (signal) => stages.run(signal), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function once<P>(make: (parts: DependencyContainer) => P) {
  return { useFactory: instanceCachingFactory(make) };
}

/** The SDKs take most of the time to load: they come here, after the configuration was read. */
async function registerAzure(
  parts: DependencyContainer,
  config: IngestConfig,
  opened: AsyncDisposableStack,
): Promise<(error: unknown) => boolean> {
  const { connectCosmos } = await import('@headroom/azure-cosmos');
  const { connectEventHubs, PartitionCountMismatch } = await import('@headroom/azure-event-hubs');
  const { connectServiceBus } = await import('@headroom/azure-service-bus');
  const account = { ...config.cosmos, database: cosmos.database };
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
  // A wrong partition count is never mended by trying again.
  return (error) => error instanceof PartitionCountMismatch;
}

function registerEdges(parts: DependencyContainer, events: IngestEvents): void {
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
    T.settings,
    once((p) =>
      followSettings(p.resolve(T.stores).settings, (settings) => events.settingsKnown(settings)),
    ),
  );
}

/** The topic, with every message that it took told to the service's events. */
function observed(bus: ServiceBus, events: IngestEvents): DecisionTopic {
  const topic = bus.decisionTopic(serviceBus.topic.name);
  return {
    publish: async (messages) => {
      await topic.publish(messages);
      events.published(messages);
    },
  };
}

function registerStages(parts: DependencyContainer, { codeVersion }: IngestConfig): void {
  parts.register(
    T.router,
    once((p) =>
      createRouter({
        feed: metricFeed(p),
        signals: p.resolve(T.signals),
        rejected: p.resolve(T.stores).rejected,
        settings: p.resolve(T.settings),
        log: p.resolve(T.log),
      }),
    ),
  );
  parts.register(
    T.evaluator,
    once((p) =>
      createEvaluator(
        {
          feed: signalFeed(p),
          signals: p.resolve(T.signals),
          topic: p.resolve(T.topic),
          snapshots: p.resolve(T.stores).snapshots,
          settings: p.resolve(T.settings),
          clock: systemClock(instant),
          log: p.resolve(T.log),
        },
        { codeVersion },
      ),
    ),
  );
}

function metricFeed(parts: DependencyContainer) {
  const {
    name: hub,
    consumerGroups: [consumerGroup],
  } = eventHubs.metrics;
  const { partitions: ledger } = parts.resolve(T.stores);
  return parts.resolve(T.hubs).metricFeed({ hub, consumerGroup, ledger });
}

function signalFeed(parts: DependencyContainer) {
  const {
    name: hub,
    consumerGroups: [consumerGroup],
  } = eventHubs.signals;
  const { partitions: ledger, snapshots } = parts.resolve(T.stores);
  const log = parts.resolve(T.signals);
  return parts.resolve(T.hubs).signalFeed({ hub, consumerGroup, ledger, snapshots, log });
}

type StageName = 'settings' | 'router' | 'evaluator';

function stagesOf(
  parts: DependencyContainer,
  log: Log,
  fatal: (error: unknown) => boolean,
): Stages<StageName> {
  const [router, evaluator] = [parts.resolve(T.router), parts.resolve(T.evaluator)];
  const settings = parts.resolve(T.settings);
  const signals = parts.resolve(T.signals);
  const probe = () => signals.describe();
  const stages: Record<StageName, Stage> = {
    settings: { run: (signal) => settings.follow(signal) },
    router: { probe, run: (signal) => router.run(signal) },
    evaluator: { probe, run: (signal) => evaluator.run(signal) },
  };
  return createStages(stages, { log, fatal });
}

/** Beside the stages' own state, what each has done; settings are ready once all are known. */
function checksOf(parts: DependencyContainer, stages: Stages<StageName>): HealthChecks {
  const settings = parts.resolve(T.settings);
  const status = { router: parts.resolve(T.router), evaluator: parts.resolve(T.evaluator) };
  return {
    ...stages.checks,
    router: () => ({ ...stages.checks.router(), ...status.router.status() }),
    evaluator: () => ({ ...stages.checks.evaluator(), ...status.evaluator.status() }),
    settings: () => ({ ...stages.checks.settings(), ...settings.status() }),
  };
}
