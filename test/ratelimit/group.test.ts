import { describe, expect, test } from '@jest/globals';
import { defaultPolicy, defaultRule, limitTarget, targetId } from '@headroom/core';
import type { SettingContent } from '@headroom/core';
import { vision, VirtualGateway } from './virtual-gateway.ts';

const flood = { perSecond: 1500 };
const other = { id: targetId(`${vision}2`), name: 'vision2' };
const model = { model: 'OpenAI/gpt-4o/1', skuName: 'Standard', tpsPerUnit: 1 };

test('what ARM has room for is given once, however many limits ask', () => {
  const gateway = new VirtualGateway({ projection: () => 3 });
  const model = { model: 'OpenAI/gpt-4o/1', skuName: 'Standard', tpsPerUnit: 1 };
  const options = { group: 'g', capacity: { kind: 'arm', ...model } } as const;
  gateway.apply({}, options);
  gateway.apply(other, options);
  gateway.run(6, flood, { ...flood, on: other.id });
  expect(gateway.limit() + gateway.limit('default', other.id)).toBeCloseTo(23, 5);
});

test('what ARM has left is left however often it is asked: limits of a gateway use up nothing there', () => {
  const gateway = new VirtualGateway({ projection: () => 3 });
  gateway.apply({}, { capacity: { kind: 'arm', ...model } });
  gateway.run(90, flood);
  expect(gateway.limit()).toBe(13);
});

test('whose data came first is nothing to a group', () => {
  const run = (isTurned: boolean) => {
    const gateway = new VirtualGateway();
    const options = { group: 'g', capacity: { kind: 'static', tps: 23 } } as const;
    gateway.apply({}, options);
    gateway.apply(other, options);
    const calls = [flood, { ...flood, on: other.id }];
    return gateway.run(6, ...(isTurned ? calls.reverse() : calls)).changes;
  };
  expect(run(true)).toEqual(run(false));
});

test('sums do not depend on a restart, to the last digit', () => {
  const run = (restarts: boolean) => {
    const gateway = new VirtualGateway();
    const options = { group: 'g', capacity: { kind: 'static', tps: 90 } } as const;
    const accounts = [1, 2, 3, 4, 5].map((number) => ({
      id: targetId(`${vision}-${number}`),
      name: `vision-${number}`,
      rules: [{ ...defaultRule, count: 10 + number / 10 }],
    }));
    for (const account of accounts) gateway.apply(account, options);
    const calls = accounts.map(({ id }) => ({ ...flood, on: id }));
    gateway.run(11, ...calls);
    for (const account of [accounts[3], accounts[0]]) if (account) gateway.apply(account, options);
    if (restarts) gateway.restart();
    return gateway.run(30, ...calls).decisions;
  };
  expect(run(true)).toEqual(run(false));
});

describe('of what shares a backend', () => {
  const shared = { group: 'g', capacity: { kind: 'static', tps: 300 } } as const;

  /** The first account climbs to 146.8 of 300; then its setting becomes `content`, and the second one climbs. */
  function reached(content: SettingContent): number {
    const gateway = new VirtualGateway();
    gateway.apply({}, shared);
    gateway.apply(other, shared);
    gateway.run(35, flood);
    expect(gateway.limit()).toBe(146.8);
    const version = { target: vision, id: 'later', version: 2, content };
    gateway.happens({ kind: 'setting', version });
    gateway.restart();
    return gateway.run(95, { ...flood, on: other.id }).limit('default', other.id);
  }

  test('a limit that cannot be read for now frees nothing', () => {
    const target = limitTarget(vision, 'default');
    let isAway = false;
    const gateway = new VirtualGateway({ answers: (of) => !isAway || of !== target });
    gateway.apply({}, shared);
    gateway.apply(other, shared);
    gateway.run(35, flood);
    isAway = true;
    for (let minute = 36; minute < 100; minute++) {
      const detail = 'the gateway does not answer';
      const observation = { target, commandId: 'x', detail, at: gateway.now };
      gateway.happens({ kind: 'capacity', observation });
      gateway.run(minute, { ...flood, on: other.id });
    }
    expect(gateway.limit() + gateway.limit('default', other.id)).toBeLessThanOrEqual(300);
  });

  test('nothing is raised before every limit of the group was read', () => {
    let isSilent = true;
    const silent = limitTarget(vision, 'default');
    const gateway = new VirtualGateway({ answers: (target) => !isSilent || target !== silent });
    gateway.apply({}, shared);
    gateway.apply(other, shared);
    gateway.run(12, { ...flood, on: other.id });
    expect(gateway.limit('default', other.id)).toBe(10);
    isSilent = false;
    gateway.run(22, { ...flood, on: other.id });
    expect(gateway.limit('default', other.id)).toBeGreaterThan(10);
  });

  test('a version that cannot be read frees nothing', () => {
    expect(reached({ kind: 'unreadable', problems: ['later'] })).toBe(153.2);
  });

  test('a deleted account, and one that is no account any more, free what they had', () => {
    const setting = { name: 'later', enabled: true, target: vision, profiles: [] };
    expect(reached({ kind: 'tombstone' })).toBe(300);
    expect(reached({ kind: 'setting', setting, policy: defaultPolicy, overrides: [] })).toBe(300);
  });
});
