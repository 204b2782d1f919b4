import { instant, secondMs } from '@headroom/core';
import type { LogEvent, SettingVersion, TopicMessage } from '@headroom/core';
import { createEvaluator } from '@headroom/evaluator';
import { MemoryLog, MemorySnapshots, VirtualClock } from '@headroom/memory';
import type { Member } from '@headroom/memory';
import { DependencyUnavailable } from '@headroom/ports';
import type { OpenPartition, SignalLog, SnapshotStore } from '@headroom/ports';

interface Faults {
  /** Of the log. */
  readonly partitions?: number;
  readonly append?: (append: SignalLog['append']) => SignalLog['append'];
  readonly snapshots?: SnapshotStore;
  readonly saveCheckpoint?: () => Promise<'saved'>;
}

export const kept = (): Promise<never> =>
  Promise.reject(new DependencyUnavailable('cosmos', 'away'));

/** The evaluator as it runs: ticks and settings in, over a log that a test's member reads. */
export class World {
  readonly clock = new VirtualClock(instant(Date.UTC(2026, 0, 5)));
  readonly log: MemoryLog;
  readonly published: TopicMessage[] = [];
  readonly warnings: string[] = [];
  readonly failures: unknown[] = [];
  member: Member;
  readonly #open: Promise<OpenPartition>;
  #changed: ((versions: readonly SettingVersion[]) => void) | undefined;

  constructor(faults: Faults = {}) {
    const { clock } = this;
    const snapshots = faults.snapshots ?? new MemorySnapshots();
    this.log = new MemoryLog({ partitions: faults.partitions ?? 1, clock, snapshots });
    const { log } = this;
    const append: SignalLog['append'] = (partition, events) => log.append(partition, events);
    const opened = Promise.withResolvers<OpenPartition>();
    const evaluator = createEvaluator(
      {
        feed: {
          run: (open) => {
            opened.resolve(open);
            return new Promise(() => undefined);
          },
        },
        signals: { describe: () => log.describe(), append: faults.append?.(append) ?? append },
        topic: {
          publish: (messages) => {
            this.published.push(...messages);
            return Promise.resolve();
          },
        },
        snapshots,
        settings: {
          subscribe: (listener) => {
            this.#changed = listener;
            return () => undefined;
          },
        },
        clock,
        log: {
          info: () => undefined,
          warn: (event) => this.warnings.push(event),
          error: () => undefined,
        },
      },
      { codeVersion: 'test' },
    );
    void evaluator.run(new AbortController().signal);
    this.#open = opened.promise.then((open) => (owned) => {
      const { saveCheckpoint } = faults;
      return open(saveCheckpoint === undefined ? owned : { ...owned, saveCheckpoint });
    });
    this.member = this.join();
  }

  join(): Member {
    return this.log.join(async (owned) => (await this.#open)(owned));
  }

  settings(...versions: readonly SettingVersion[]): void {
    this.#changed?.(versions);
  }

  /** Seconds go by, and the member reads what is in the log. */
  async seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second++) {
      const { failures } = await this.member.drain();
      this.failures.push(...failures);
      await this.clock.advance(secondMs);
    }
  }

  appended<K extends LogEvent['kind']>(
    kind: K,
    partition = 0,
  ): readonly Extract<LogEvent, { kind: K }>[] {
    const events = this.log.events(partition).map(({ event }) => event);
    return events.filter((event): event is Extract<LogEvent, { kind: K }> => event.kind === kind);
  }

  /** What was decided on a target, hold by hold. */
  decided(on: string): readonly string[] {
    return this.published.flatMap((message) =>
      message.kind === 'decision' && message.decision.target === on
        ? [message.decision.reason]
        : [],
    );
  }
}
