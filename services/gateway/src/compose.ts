import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { container, instanceCachingFactory } from 'tsyringe';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import type { CosmosStores } from '@headroom/azure-cosmos';
import type { EventHubs } from '@headroom/azure-event-hubs';
import { instant } from '@headroom/core';
import type { Log } from '@headroom/ports';
import { startHealth, systemClock } from '@headroom/runtime';
import { cosmos, eventHubs } from '@headroom/topology';
import type { GatewayConfig } from './config.ts';
import type { GatewayEvents } from './events.ts';
import { createGateway } from './gateway.ts';
import type { Gateway, GatewayParts } from './gateway.ts';
import { readTlsPair } from './management/tls-pair.ts';

export interface ComposedGateway extends AsyncDisposable, Pick<Gateway, 'run'> {}

/** What the service is made of. Each part is made once, when it is first asked for. */
const T = {
  log: Symbol('log') as InjectionToken<Log>,
  stores: Symbol('stores') as InjectionToken<CosmosStores>,
  hubs: Symbol('hubs') as InjectionToken<EventHubs>,
  gateway: Symbol('gateway') as InjectionToken<Gateway>,
};

export async function compose(
  config: GatewayConfig,
  events: GatewayEvents,
): Promise<ComposedGateway> {
  const { log } = events;
  const parts = container.createChildContainer();
  await using opened = new AsyncDisposableStack();
  parts.register(T.log, { useValue: log });
  await registerAzure(parts, config, opened);
  registerGateway(parts, config, events);
  const gateway = parts.resolve(T.gateway);
  const health = { ...config.health, log, counters: () => log.counters() };
  opened.use(await startHealth(health, gateway.checks));
  const kept = opened.move();
  return { run: (signal) => gateway.run(signal), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function once<P>(make: (parts: DependencyContainer) => P) {
  return { useFactory: instanceCachingFactory(make) };
}

/** The SDKs take most of the time to load: they come here, after the configuration was read. */
async function registerAzure(
  parts: DependencyContainer,
  config: GatewayConfig,
  opened: AsyncDisposableStack,
): Promise<void> {
  const { connectCosmos } = await import('@headroom/azure-cosmos');
  const { connectEventHubs } = await import('@headroom/azure-event-hubs');
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
}

function registerGateway(
  parts: DependencyContainer,
  config: GatewayConfig,
  events: GatewayEvents,
): void {
  parts.register(
    T.gateway,
    once((p) => {
      const { settings, limits, shares } = p.resolve(T.stores);
      const metrics = p.resolve(T.hubs).metricPublisher(eventHubs.metrics.name);
      return createGateway({
        ...{ config, events, settings, limits, shares, ...managementOf(config) },
        holder: randomUUID(),
        publish: (bodies) => metrics.publish(bodies, 'push'),
        clock: systemClock(instant),
      });
    }),
  );
}

function managementOf({ management }: GatewayConfig): Pick<GatewayParts, 'management'> {
  if (management === undefined) return {};
  return { management: { ...management, tls: readTlsPair(management) } };
}
