import { after, instant, minuteMs, secondMs } from '@headroom/core';
import type { Instant, Millis, Sample, SettingVersion } from '@headroom/core';
import { MemoryMetricSource, MemoryPartitions, VirtualClock } from '@headroom/memory';
import { DependencyUnavailable } from '@headroom/ports';
import type {
  Clock,
  LogFields,
  MetricAnswer,
  MetricRead,
  PartitionLedger,
  SamplePublisher,
} from '@headroom/ports';
import { createCollector } from './collector.ts';
import type { Collector } from './collector.ts';
import { pricePerThousandCalls } from './estimate.ts';

export const begin = instant(Date.UTC(2026, 0, 5, 12));
export const minute = (at: number): Instant => after(begin, at * minuteMs);

/** The numbers of one minute of one resource. */
export function sampleOf(resource: string, metric: string, at: number, value: number): Sample {
  const series = { resource, metric: metric.toLowerCase(), dimensions: [] };
  const numbers = { count: 1, total: value, minimum: value, maximum: value };
  return { series, time: minute(at), grainMs: minuteMs, ...numbers };
}

/** One instance that can be killed: from then on nothing that it asks for is ever answered. */
export interface Instance {
  readonly collector: Collector;
  kill(): void;
  /** After what it sends next is on the hub, and before its checkpoint. */
  killAfterPublish(): void;
  stop(): Promise<void>;
}

/** Azure Monitor, a hub, a ledger and the settings, at virtual time. */
export class CollectorWorld {
  readonly clock = new VirtualClock(begin);
  readonly source: MemoryMetricSource;
  readonly ledger = new MemoryPartitions(this.clock);
  /** What came to the hub, in order. */
  readonly published: { readonly at: Instant; readonly key: string; readonly sample: Sample }[] =
    [];
  readonly lines: { readonly event: string; readonly fields: LogFields }[] = [];
  readonly skipped = new Set<string>();
  /** Regions are not answered before. */
  regionsHeld: Promise<undefined> | undefined;
  /** Batches are refused, and each resource is asked for by itself. */
  isSingly = false;
  hubAwayUntil = instant(-Infinity);
  readonly #settings = new Map<string, SettingVersion>();
  readonly #listeners = new Set<(versions: readonly SettingVersion[]) => void>();
  #instances = 0;

  constructor(lagMs: Millis = 2 * minuteMs) {
    this.source = new MemoryMetricSource({ clock: this.clock, lagMs });
  }

  apply(...versions: readonly SettingVersion[]): void {
    for (const version of versions) this.#settings.set(version.target, version);
    for (const listener of this.#listeners) listener(versions);
  }

  /** Minutes from … to of every metric: 10, 11, 12 … */
  show(resources: readonly string[], metrics: readonly string[], from: number, to: number): void {
    for (let at = from; at < to; at++) {
      for (const resource of resources) {
        for (const metric of metrics) this.source.put(sampleOf(resource, metric, at, 10 + at));
      }
    }
  }

  start(): Instance {
    const life = { isDead: false, diesAfterPublish: false };
    const stopping = new AbortController();
    const alive = <T>(work: () => Promise<T>) => (life.isDead ? never<T>() : work());
    const collector = createCollector(
      {
        source: {
          regionsOf: (resources) =>
            alive(async () => {
              await this.regionsHeld;
              return this.source.regionsOf(resources);
            }),
          read: (batch) => alive(() => this.#read(batch)),
        },
        publisher: { publish: (samples, how) => alive(() => this.#publish(life, samples, how)) },
        ledger: this.#ledgerOf(alive),
        settings: { subscribe: (listener) => this.#subscribe(listener) },
        clock: this.#clockOf(life),
        log: this.#log(),
      },
      {
        member: `member ${++this.#instances}`,
        price: pricePerThousandCalls,
        random: () => 0,
        isSkipped: (id) => this.skipped.has(id),
      },
    );
    const ended = collector.run(stopping.signal);
    ended.catch(() => undefined);
    return {
      collector,
      kill: () => (life.isDead = true),
      killAfterPublish: () => (life.diesAfterPublish = true),
      stop: () => {
        stopping.abort();
        return ended;
      },
    };
  }

  /** Of one series, the minutes and values in the order in which they came. */
  of(resource: string, metric: string): readonly (readonly [number, number])[] {
    return this.published
      .filter(({ sample: { series } }) => series.resource === resource && series.metric === metric)
      .map(({ sample }) => [(sample.time - begin) / minuteMs, sample.total]);
  }

  events(name: string): readonly LogFields[] {
    return this.lines.filter(({ event }) => event === name).map(({ fields }) => fields);
  }

  async #read(batch: MetricRead): Promise<MetricAnswer> {
    const answer = await this.source.read(batch);
    return this.isSingly ? { ...answer, calls: batch.resources.length } : answer;
  }

  async #publish(
    life: { isDead: boolean; diesAfterPublish: boolean },
    ...[samples, { key }]: Parameters<SamplePublisher['publish']>
  ): Promise<void> {
    const at = this.clock.now();
    if (at < this.hubAwayUntil) throw new DependencyUnavailable('event-hubs', 'planned to be away');
    this.published.push(...samples.map((sample) => ({ at, key, sample })));
    if (!life.diesAfterPublish) return;
    life.isDead = true;
    await never();
  }

  #ledgerOf(alive: <T>(work: () => Promise<T>) => Promise<T>): PartitionLedger {
    const { ledger } = this;
    return {
      ownerships: (group) => alive(() => ledger.ownerships(group)),
      claim: (group, wanted) => alive(() => ledger.claim(group, wanted)),
      checkpoints: (group) => alive(() => ledger.checkpoints(group)),
      save: (group, checkpoint) => alive(() => ledger.save(group, checkpoint)),
    };
  }

  #clockOf(life: { readonly isDead: boolean }): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      wait: async (ms, signal) => {
        await clock.wait(ms, signal);
        if (life.isDead) await never();
      },
    };
  }

  #subscribe(listener: (versions: readonly SettingVersion[]) => void): () => void {
    this.#listeners.add(listener);
    listener([...this.#settings.values()]);
    return () => void this.#listeners.delete(listener);
  }

  #log() {
    const say = (event: string, fields: LogFields = {}) => void this.lines.push({ event, fields });
    return { info: say, warn: say, error: say };
  }
}

/** A slot is open this long after an instance began. */
export const openedMs = 5 * secondMs;

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
