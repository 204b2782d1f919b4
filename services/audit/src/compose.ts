import 'reflect-metadata';
import { container, instanceCachingFactory } from 'tsyringe';
import type { DependencyContainer, InjectionToken } from 'tsyringe';
import type { CosmosStores } from '@headroom/azure-cosmos';
import type { ServiceBus } from '@headroom/azure-service-bus';
import { instant } from '@headroom/core';
import type { AuditLog, Log } from '@headroom/ports';
import { createRecorder } from '@headroom/recorder';
import type { Recorder } from '@headroom/recorder';
import { createStages, startHealth, systemClock } from '@headroom/runtime';
import type { Stage } from '@headroom/runtime';
import { cosmos, serviceBus } from '@headroom/topology';
import type { AuditConfig } from './config.ts';
import type { AuditEvents } from './events.ts';

export interface Audit extends AsyncDisposable {
  /** Records until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the service is made of. Each part is made once, when it is first asked for. */
const T = {
  log: Symbol('log') as InjectionToken<Log>,
  stores: Symbol('stores') as InjectionToken<CosmosStores>,
  bus: Symbol('bus') as InjectionToken<ServiceBus>,
  audit: Symbol('audit') as InjectionToken<RecordedLog>,
  recorder: Symbol('recorder') as InjectionToken<Recorder>,
};

export async function compose(config: AuditConfig, events: AuditEvents): Promise<Audit> {
  const { log } = events;
  const parts = container.createChildContainer();
  await using opened = new AsyncDisposableStack();
  parts.register(T.log, { useValue: log });
  await registerAzure(parts, config, opened);
  registerRecorder(parts, events);
  const stages = createStages({ recorder: recorderStage(parts) }, { log });
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
  config: AuditConfig,
  opened: AsyncDisposableStack,
): Promise<void> {
  const { connectCosmos } = await import('@headroom/azure-cosmos');
  const { connectServiceBus } = await import('@headroom/azure-service-bus');
  const account = { ...config.cosmos, database: cosmos.database };
  parts.register(
    T.stores,
    once((p) => {
      return opened.adopt(connectCosmos(account, p.resolve(T.log)), (stores) => stores.close());
    }),
  );
  parts.register(
    T.bus,
    once((p) => {
      const bus = connectServiceBus(config.serviceBus, p.resolve(T.log));
      return opened.adopt(bus, () => bus.close());
    }),
  );
}

function registerRecorder(parts: DependencyContainer, events: AuditEvents): void {
  const {
    name: topic,
    subscriptions: [{ name: subscription }],
  } = serviceBus.topic;
  parts.register(
    T.audit,
    once((p) => observed(p.resolve(T.stores).audit, events)),
  );
  parts.register(
    T.recorder,
    once((p) =>
      createRecorder({
        feed: p.resolve(T.bus).recordFeed(topic, subscription),
        audit: p.resolve(T.audit),
        topic: p.resolve(T.bus).decisionTopic(topic),
        clock: systemClock(instant),
        log: p.resolve(T.log),
      }),
    ),
  );
}

/** What this service does with the audit log. */
type RecordedLog = Pick<AuditLog, 'create' | 'query'>;

/** The audit log, with every record told to the service's events. */
function observed(audit: AuditLog, events: AuditEvents): RecordedLog {
  return {
    create: async (record) => {
      const how = await audit.create(record);
      events.recorded(record, how);
      return how;
    },
    query: (question) => audit.query(question),
  };
}

/** Ready when the store answers: asked for records from now on, which are few. */
function recorderStage(parts: DependencyContainer): Stage {
  const recorder = parts.resolve(T.recorder);
  const audit = parts.resolve(T.audit);
  const clock = systemClock(instant);
  return {
    probe: async () => {
      const records = audit.query({ since: clock.now() })[Symbol.asyncIterator]();
      await records.next();
      await records.return?.();
    },
    run: (signal) => recorder.run(signal),
  };
}
