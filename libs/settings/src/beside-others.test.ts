import { beforeEach, expect, test } from '@jest/globals';
import {
  defaultQuotaPoolPolicy,
  defaultRateLimitPolicy,
  defaultRule,
  instant,
  ok,
  targetId,
} from '@headroom/core';
import type { RateLimitPolicy, SettingContent } from '@headroom/core';
import { MemorySettings } from '@headroom/memory';
import { applySetting } from './apply-setting.ts';
import type { Draft } from './content.ts';

let store: MemorySettings;
beforeEach(() => {
  store = new MemorySettings((document, policy, overrides) => {
    const content = { ...(document as Draft), policy, overrides };
    return JSON.parse(JSON.stringify(content)) as SettingContent;
  });
});

function apply(draft: Draft, policy?: RateLimitPolicy) {
  const application = { document: draft, parse: () => ok(draft), now: instant(0) };
  const asked = policy === undefined ? application : { ...application, policy };
  return applySetting(asked, () => Promise.resolve(store));
}

function pool(name: string, ...deployments: readonly string[]): Draft {
  const [id, members] = [targetId(`/usages/${name}`), { guarantee: 0, maximum: 9, priority: 0 }];
  const pooled = deployments.map((one) => ({
    ...{ target: targetId(`/deployments/${one}`), minimum: 1, step: 1, ...members },
  }));
  return { kind: 'quotaPool', pool: { id, name, deployments: pooled } };
}

function account(name: string): Draft {
  const of = { id: targetId(`/accounts/${name}`), name, kind: 'ComputerVision', sku: 'S1' };
  const more = { dynamicThrottlingEnabled: false, capabilities: [], rules: [defaultRule] };
  return { kind: 'rateLimit', account: { ...of, ...more } };
}

const inGroup = (group: string, tps: number): RateLimitPolicy => ({
  ...{ ...defaultRateLimitPolicy, group, capacity: { kind: 'static', tps } },
});

test('a deployment is in one quota pool: a second is refused, and nothing is written', async () => {
  expect(await apply(pool('gpt', 'chat', 'batch'))).toMatchObject({ kind: 'written' });
  const refused = await apply(pool('gpt-mini', 'search', 'chat'));
  expect(refused).toMatchObject({
    kind: 'invalid',
    problems: [{ field: 'properties.deployments[1].id', message: expect.stringContaining('/gpt') }],
  });
  expect(await store.read(targetId('/usages/gpt-mini'))).toBeUndefined();
  const changed = await apply(pool('gpt', 'chat', 'search'));
  expect(changed).toMatchObject({ kind: 'written', version: 2 });
  expect(await apply(pool('gpt-mini', 'batch', 'night'))).toMatchObject({ kind: 'written' });
});

test('a pool that was deleted holds nothing', async () => {
  await apply(pool('gpt', 'chat', 'batch'));
  const [target, policy] = [targetId('/usages/gpt'), defaultQuotaPoolPolicy];
  const deleted = { target, id: target, expected: 1, document: undefined, policy, overrides: [] };
  await store.write(deleted);
  expect(await apply(pool('gpt-mini', 'chat', 'batch'))).toMatchObject({ kind: 'written' });
});

test.each<[string, string, number, number]>([
  ['another capacity source in one group is told', 'shared', 50, 1],
  ['the same source is not', 'shared', 40, 0],
  ['nor another one in another group', 'alone', 50, 0],
])('%s', async (_, group, tps, count) => {
  await apply(account('vision'), inGroup('shared', 40));
  const applied = await apply(account('speech'), inGroup(group, tps));
  if (applied.kind !== 'written') throw new Error(JSON.stringify(applied));
  expect(applied.warnings).toHaveLength(count);
  for (const warning of applied.warnings) {
    expect(warning).toMatchObject({
      field: 'policy.capacity',
      message: expect.stringContaining('vision'),
    });
  }
});
