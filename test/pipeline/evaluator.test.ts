import { describe, expect, test } from '@jest/globals';
import { assert, defaultPolicy, instant, secondMs, targetId } from '@headroom/core';
import type { LogEvent, SettingVersion, TopicMessage } from '@headroom/core';
import { createEvaluator } from '@headroom/evaluator';
import { MemoryLog, MemorySnapshots, VirtualClock } from '@headroom/memory';
import type { Member } from '@headroom/memory';
import { DependencyUnavailable } from '@headroom/ports';
import type { OpenPartition, SignalLog, SnapshotStore } from '@headroom/ports';

const target = targetId('/subscriptions/s/deployments/blue');
const other = targetId('/subscriptions/s/deployments/green');

function versionOf(version: number, of = target): SettingVersion {
  const capacity = { minimum: 1, maximum: 5, default: 1 };
  const profiles = [{ name: 'default', capacity, rules: [] }];
  const setting = { name: 'one', enabled: true, target: of, profiles };
  const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
  return { target: of, id: 'one', version, content };
}

interface Faults {
  readonly append?: (append: SignalLog['append']) => SignalLog['append'];
  readonly snapshots?: SnapshotStore;
  readonly saveCheckpoint?: () => Promise<'saved'>;
}

const kept = (): Promise<never> => Promise.reject(new DependencyUnavailable('cosmos', 'away'));

/** The evaluator as it runs: ticks and settings in, over a log of one partition that a test's member reads. */
class World {
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
    this.log = new MemoryLog({ partitions: 1, clock, snapshots });
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

  appended<K extends LogEvent['kind']>(kind: K): readonly Extract<LogEvent, { kind: K }>[] {
    const events = this.log.events(0).map(({ event }) => event);
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

describe('the settings of a partition', () => {
  test('are appended once, and each newer version once more', async () => {
    const world = new World();
    await world.seconds(2);
    world.settings(versionOf(1));
    await world.seconds(15);
    world.settings(versionOf(2));
    await world.seconds(15);
    expect(world.appended('setting').map(({ version }) => version.version)).toEqual([1, 2]);
  });

  test('one that did not reach the log is appended again', async () => {
    let lost = 0;
    const world = new World({
      append: (append) => (partition, events) => {
        const isFirst = events.some(({ kind }) => kind === 'setting') && lost++ === 0;
        return isFirst ? kept() : append(partition, events);
      },
    });
    await world.seconds(2);
    world.settings(versionOf(1));
    await world.seconds(15);
    expect(world.appended('setting')).toHaveLength(1);
    expect(world.decided(target)).toEqual(['CapacityUnknown']);
  });

  test('a tombstone is one of them', async () => {
    const world = new World();
    await world.seconds(2);
    world.settings(versionOf(1));
    await world.seconds(3);
    world.settings({ ...versionOf(2), content: { kind: 'tombstone' } });
    await world.seconds(30);
    expect(world.appended('setting').map(({ version }) => version.content.kind)).toEqual([
      'setting',
      'tombstone',
    ]);
    expect(world.decided(target)).toEqual(['CapacityUnknown']);
  });

  test('one that the log cannot take is held with the reason; ticks and neighbours go on', async () => {
    const world = new World({
      append: (append) => async (partition, events) => {
        for (const event of events) {
          const isBad = event.kind === 'setting' && event.version.id === 'too long';
          assert(!isBad, 'this setting has 300000 bytes');
        }
        await append(partition, events);
      },
    });
    await world.seconds(2);
    const before = world.appended('tick').length;
    world.settings({ ...versionOf(1), id: 'too long' }, versionOf(1, other));
    await world.seconds(10);
    expect(world.appended('tick').length - before).toBeGreaterThanOrEqual(9);
    expect(world.decided(other)).toEqual(['CapacityUnknown']);
    expect(world.decided(target)).toEqual(['Error']);
  });

  test('are not appended by a new owner before it has read what the log holds', async () => {
    const world = new World();
    await world.seconds(2);
    world.settings(versionOf(1));
    await world.seconds(12);
    world.member.kill();
    world.member = world.join();
    await world.member.pump(1);
    await world.clock.advance(3 * secondMs);
    await world.seconds(2);
    expect(world.appended('setting')).toHaveLength(1);
  });
});

describe('a store that is away', () => {
  const readsAreAsked = (world: World) =>
    world.published.filter(({ kind }) => kind === 'read').length;

  test('snapshots that cannot be saved do not stop deciding', async () => {
    const inner = new MemorySnapshots();
    const world = new World({
      snapshots: {
        load: (...asked) => inner.load(...asked),
        newest: (...asked) => inner.newest(...asked),
        save: kept,
      },
    });
    await world.seconds(2);
    world.settings(versionOf(1));
    await world.seconds(90);
    expect(world.failures).toEqual([]);
    expect(readsAreAsked(world)).toBe(3);
    expect(world.warnings).toContain('partition.snapshotUnsaved');
  });

  test('nor does one that takes its time', async () => {
    const world = new World({
      snapshots: {
        load: () => Promise.resolve(undefined),
        newest: () => Promise.resolve(undefined),
        save: () => new Promise(() => undefined),
      },
    });
    await world.seconds(2);
    world.settings(versionOf(1));
    await world.seconds(90);
    expect(readsAreAsked(world)).toBe(3);
  }, 5_000);

  test('nor checkpoints', async () => {
    const world = new World({ saveCheckpoint: kept });
    await world.seconds(2);
    world.settings(versionOf(1));
    await world.seconds(90);
    expect(world.failures).toEqual([]);
    expect(readsAreAsked(world)).toBe(3);
    expect(world.warnings).toContain('partition.checkpointUnsaved');
  });
});
