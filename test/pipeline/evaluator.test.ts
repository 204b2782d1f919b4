import { describe, expect, test } from '@jest/globals';
import { assert, defaultPolicy, secondMs, targetId } from '@headroom/core';
import type { SettingVersion } from '@headroom/core';
import { MemorySnapshots } from '@headroom/memory';
import { kept, World } from './evaluator-world.ts';

const target = targetId('/subscriptions/s/deployments/blue');
const other = targetId('/subscriptions/s/deployments/green');

function versionOf(version: number, of = target): SettingVersion {
  const capacity = { minimum: 1, maximum: 5, default: 1 };
  const profiles = [{ name: 'default', capacity, rules: [] }];
  const setting = { name: 'one', enabled: true, target: of, profiles };
  const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
  return { target: of, id: 'one', version, content };
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
