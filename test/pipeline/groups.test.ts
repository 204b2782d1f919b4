import { describe, expect, test } from '@jest/globals';
import { defaultRateLimitPolicy, defaultRule, partitionOf, targetId } from '@headroom/core';
import type { SettingVersion, TargetId } from '@headroom/core';
import { World } from './evaluator-world.ts';

const partitions = 8;
const vision = targetId('/subscriptions/s/accounts/vision');
const speech = targetId('/subscriptions/s/accounts/speech');

function accountOf(target: TargetId, version: number, group?: string): SettingVersion {
  const account = {
    id: target,
    name: 'an account',
    kind: 'ComputerVision',
    sku: 'S1',
    dynamicThrottlingEnabled: true,
    capabilities: ['DynamicThrottling'],
    rules: [defaultRule],
  };
  const policy = { ...defaultRateLimitPolicy, ...(group === undefined ? {} : { group }) };
  const content = { kind: 'rateLimit', account, policy, overrides: [] } as const;
  return { target, id: target, version, content };
}

/** What a partition's log says of settings, in order. */
function told(world: World, group: string): readonly string[] {
  const events = world.appended('setting', partitionOf(group, partitions));
  return events.map(({ version: { target, version, content } }) => {
    return `${target.slice(target.lastIndexOf('/') + 1)} ${version} ${content.kind}`;
  });
}

describe('accounts that name one group', () => {
  test('are folded together', async () => {
    const world = new World({ partitions });
    await world.seconds(2);
    world.settings(accountOf(vision, 1, 'shared'), accountOf(speech, 1, 'shared'));
    await world.seconds(15);
    expect(told(world, 'shared')).toEqual(['vision 1 rateLimit', 'speech 1 rateLimit']);
    expect(told(world, vision)).toEqual([]);
  });

  test('leave the fold that had them for the one of a new group, once', async () => {
    const world = new World({ partitions });
    await world.seconds(2);
    world.settings(accountOf(vision, 1));
    await world.seconds(5);
    world.settings(accountOf(vision, 2, 'shared'));
    await world.seconds(25);
    expect(told(world, vision)).toEqual(['vision 1 rateLimit', 'vision 2 moved']);
    expect(told(world, 'shared')).toEqual(['vision 2 rateLimit']);
    const decided = () => world.decided(`${vision}/ratelimits/default`).length;
    const before = decided();
    world.settings(accountOf(vision, 3));
    await world.seconds(25);
    expect(told(world, vision).slice(2)).toEqual(['vision 3 rateLimit']);
    expect(told(world, 'shared').slice(1)).toEqual(['vision 3 moved']);
    expect(decided()).toBeGreaterThan(before);
  });

  test('stay there with a version that cannot be read, also for a new owner', async () => {
    const world = new World({ partitions });
    await world.seconds(2);
    world.settings(accountOf(vision, 1, 'shared'));
    await world.seconds(5);
    const unreadable = { kind: 'unreadable', problems: ['from a later version'] } as const;
    world.settings({ ...accountOf(vision, 2), content: unreadable });
    await world.seconds(25);
    expect(told(world, 'shared')).toEqual(['vision 1 rateLimit', 'vision 2 unreadable']);
    expect(told(world, vision)).toEqual([]);
  });

  test('that could not be read at first leave for their group once they can', async () => {
    const world = new World({ partitions });
    await world.seconds(2);
    const unreadable = { kind: 'unreadable', problems: ['from a later version'] } as const;
    world.settings({ ...accountOf(vision, 1), content: unreadable });
    await world.seconds(5);
    world.settings(accountOf(vision, 2, 'shared'));
    await world.seconds(25);
    expect(told(world, vision)).toEqual(['vision 1 unreadable', 'vision 2 moved']);
    expect(told(world, 'shared')).toEqual(['vision 2 rateLimit']);
  });

  test('hear in their group that they were deleted, and nobody else does', async () => {
    const world = new World({ partitions });
    await world.seconds(2);
    world.settings(accountOf(vision, 1, 'shared'));
    await world.seconds(5);
    world.settings({ ...accountOf(vision, 2), content: { kind: 'tombstone' } });
    await world.seconds(25);
    expect(told(world, 'shared')).toEqual(['vision 1 rateLimit', 'vision 2 tombstone']);
    expect(told(world, vision)).toEqual([]);
  });
});
