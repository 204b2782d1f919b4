import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { container, instanceCachingFactory } from 'tsyringe';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import type { CosmosStores } from '@headroom/azure-cosmos';
import type { EventHubs } from '@headroom/azure-event-hubs';
import { createCollector } from '@headroom/collector';
import type { Collector } from '@headroom/collector';
import { instant, secondMs } from '@headroom/core';
import type { Log, MetricSource } from '@headroom/ports';
import { createStages, startHealth, systemClock } from '@headroom/runtime';
import type { HealthChecks, Stages } from '@headroom/runtime';
import { followSettings } from '@headroom/settings';
import type { FollowedSettings } from '@headroom/settings';
import { cosmos, eventHubs } from '@headroom/topology';
import type { PollerConfig } from './config.ts';
import type { PollerEvents } from './events.ts';

export interface Poller extends AsyncDisposable {
  /** Asks and publishes until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the service is made of. Each part is made once, when it is first asked for. */
const T = {
  log: Symbol('log') as InjectionToken<Log>,
  stores: Symbol('stores') as InjectionToken<CosmosStores>,
  hubs: Symbol('hubs') as InjectionToken<EventHubs>,
  source: Symbol('source') as InjectionToken<MetricSource>,
  settings: Symbol('settings') as InjectionToken<FollowedSettings>,
  collector: Symbol('collector') as InjectionToken<Collector>,
};

export async function compose(config: PollerConfig, events: PollerEvents): Promise<Poller> {
  const { log } = events;
  const parts = container.createChildContainer();
  await using opened = new AsyncDisposableStack();
  parts.register(T.log, { useValue: log });
  const fatal = await registerAzure(parts, config, opened);
  registerCollector(parts, config, events);
  const stages = stagesOf(parts, log, fatal);
  const checks = checksOf(parts, stages);
  opened.use(await startHealth({ ...config.health, log, counters: () => log.counters() }, checks));
  const kept = opened.move();
  return { run: (signal) => stages.run(signal), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function once<P>(make: (parts: DependencyContainer) => P) {
  return { useFactory: instanceCachingFactory(make) };
}

/** The collector comes again when Azure says: what waits inside a read holds one of its few places, which other regions need. */
const waitsMaxMs = 5 * secondMs;

/** The SDKs take most of the time to load: they come here, after the configuration was read. */
async function registerAzure(
  parts: DependencyContainer,
  config: PollerConfig,
  opened: AsyncDisposableStack,
): Promise<(error: unknown) => boolean> {
  const { connectCosmos } = await import('@headroom/azure-cosmos');
  const { connectEventHubs, HubRefused } = await import('@headroom/azure-event-hubs');
  const { connectMetrics } = await import('@headroom/azure-monitor');
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
    T.source,
    once((p) => {
      const options = { ...config.resourceManager, waitsMaxMs };
      return connectMetrics(options, systemClock(instant), p.resolve(T.log));
    }),
  );
  // No hub, or no right to send to it, is never mended by trying again.
  return (error) => error instanceof HubRefused;
}

function registerCollector(
  parts: DependencyContainer,
  { price, isSkipped }: PollerConfig,
  events: PollerEvents,
): void {
  parts.register(
    T.settings,
    once((p) =>
      followSettings(p.resolve(T.stores).settings, (settings) => events.settingsKnown(settings)),
    ),
  );
  parts.register(
    T.collector,
    once((p) =>
      createCollector(
        {
          source: p.resolve(T.source),
          publisher: p.resolve(T.hubs).samplePublisher(eventHubs.metrics.name),
          ledger: p.resolve(T.stores).partitions,
          settings: p.resolve(T.settings),
          clock: systemClock(instant),
          log: p.resolve(T.log),
        },
        { member: randomUUID(), price, isSkipped, random: Math.random },
      ),
    ),
  );
}

type StageName = 'settings' | 'collector';

function stagesOf(
  parts: DependencyContainer,
  log: Log,
  fatal: (error: unknown) => boolean,
): Stages<StageName> {
  const [settings, collector] = [parts.resolve(T.settings), parts.resolve(T.collector)];
  return createStages(
    {
      settings: { run: (signal) => settings.follow(signal) },
      collector: { run: (signal) => collector.run(signal) },
    },
    { log, fatal },
  );
}

/** Beside the stages' own state, what is asked, how fresh it is and what is refused. */
function checksOf(parts: DependencyContainer, stages: Stages<StageName>): HealthChecks {
  const [settings, collector] = [parts.resolve(T.settings), parts.resolve(T.collector)];
  return {
    settings: () => ({ ...stages.checks.settings(), ...settings.status() }),
    collector: () => {
      const stage = stages.checks.collector();
      const status = collector.status();
      return { ...stage, ...status, ready: stage.ready && status.ready };
    },
  };
}
