import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  after,
  defaultRateLimitPolicy,
  defaultRule,
  failed,
  instant,
  ok,
  targetId,
} from '@headroom/core';
import type { AiAccount, RateLimitPolicy, SettingContent } from '@headroom/core';
import { MemorySettings } from '@headroom/memory';
import { applySetting, changeSetting } from './apply-setting.ts';
import type { AppliedSetting, Application } from './apply-setting.ts';

const id = targetId('/subscriptions/s/accounts/vision');
const vision: AiAccount = {
  ...{ id, name: 'vision', kind: 'ComputerVision', sku: 'S1' },
  dynamicThrottlingEnabled: true,
  capabilities: ['DynamicThrottling'],
  rules: [defaultRule, { ...defaultRule, key: 'Read' }],
};
const now = instant(0);
const refused = {
  kind: 'invalid',
  problems: [expect.objectContaining({ field: 'properties.dynamicThrottlingEnabled' })],
};

/** Documents here are accounts already. */
function application(account: unknown, more: Partial<Application> = {}): Application {
  const parse: Application['parse'] = (document) =>
    typeof document === 'object'
      ? ok({ kind: 'rateLimit', account: document as AiAccount })
      : failed([{ field: '', message: 'no account' }]);
  return { document: account, parse, now, ...more };
}

let store: MemorySettings;
beforeEach(() => {
  store = new MemorySettings(
    (document, policy, overrides) =>
      // As a store of documents would read it: of this realm, where a clone is of another one.
      JSON.parse(
        JSON.stringify({ kind: 'rateLimit', account: document, policy, overrides }),
      ) as SettingContent,
  );
});
const apply = (account: unknown, more: Partial<Application> = {}): Promise<AppliedSetting> =>
  applySetting(application(account, more), () => Promise.resolve(store));
const policyWith = (policy: Partial<RateLimitPolicy>) => ({ ...defaultRateLimitPolicy, ...policy });

describe('the switch of an account', () => {
  test('is taken with the default policy, and the same again writes nothing', async () => {
    expect(await apply(vision)).toMatchObject({
      kind: 'written',
      version: 1,
      content: { policy: defaultRateLimitPolicy },
      warnings: [],
    });
    expect(await apply(vision)).toMatchObject({ kind: 'unchanged', version: 1 });
  });

  test.each([
    ['of the free tier', { sku: 'F0' }, 'the free tier (F0) has no autoscale'],
    ['of a kind without the capability', { kind: 'OpenAI', capabilities: [] }, 'kind OpenAI'],
  ])('cannot be turned on for an account %s: nothing is written', async (_, not, message) => {
    const account = { ...vision, ...not };
    const off = { ...account, dynamicThrottlingEnabled: false };
    expect(await apply(account)).toEqual(refused);
    expect(await store.read(id)).toBeUndefined();
    expect(await apply(off)).toMatchObject({ kind: 'written', warnings: [] });
    const found = await apply(account);
    expect(found).toEqual(refused);
    expect(JSON.stringify(found)).toContain(message);
    expect(await store.read(id)).toMatchObject({ version: 1 });
  });

  test('stays where an account that is on moves to the free tier, and its author is told', async () => {
    await apply(vision);
    const moved = await apply({ ...vision, sku: 'F0' });
    expect(moved).toMatchObject({
      kind: 'written',
      warnings: [{ message: expect.stringContaining('has no effect: the free tier') }],
    });
  });
});

test('keys of no limit are told, with the nearest one', async () => {
  const prices = ['*', 'READ', 'raed'].map((key) => ({
    key,
    perCallMicros: 1,
    perInputTokenMicros: 0,
    perOutputTokenMicros: 0,
  }));
  const policy = policyWith({
    approvedTps: { defualt: 20, read: 9 },
    spend: { currency: 'EUR', caps: [], prices },
  });
  expect(await apply(vision, { policy })).toMatchObject({
    kind: 'written',
    warnings: [
      {
        field: 'policy.approvedTps.defualt',
        message: 'the account has no limit "defualt": write default; there are default, Read',
      },
      { field: 'policy.spend.prices[2].key', message: expect.stringContaining('write Read') },
    ],
  });
});

describe('a change of the version in force', () => {
  const off = (held: unknown) =>
    application({ ...(held as { document: AiAccount }).document, dynamicThrottlingEnabled: false });

  test('keeps policy and overrides that have not ended', async () => {
    const term = { at: now, owner: 'ann', reason: 'a test' };
    const overrides = [
      { kind: 'pause', ...term, until: after(now, 1) },
      { kind: 'freeze', ...term, until: now },
    ] as const;
    const policy = policyWith({ pace: 'azure' });
    await store.write({ target: id, id, expected: 0, document: vision, policy, overrides });
    expect(await changeSetting(id, off, store)).toMatchObject({ kind: 'written', version: 2 });
    expect((await store.read(id))?.content).toMatchObject({
      account: { dynamicThrottlingEnabled: false },
      ...{ policy, overrides: [overrides[0]] },
    });
  });

  test('is made of what somebody else wrote meanwhile', async () => {
    await apply(vision);
    const seen: (number | undefined)[] = [];
    const others = { target: id, id, expected: 1, policy: defaultRateLimitPolicy, overrides: [] };
    await changeSetting(
      id,
      (held) => {
        seen.push(held?.version);
        if (seen.length === 1)
          void store.write({ ...others, document: { ...vision, kind: 'Face' } });
        return off(held);
      },
      store,
    );
    expect(seen).toEqual([1, 2]);
    expect((await store.read(id))?.content).toMatchObject({
      account: { kind: 'Face', dynamicThrottlingEnabled: false },
    });
  });

  test('that changes the id is refused', async () => {
    await apply(vision);
    const elsewhere = application({ ...vision, id: targetId('/subscriptions/s/accounts/other') });
    expect(await changeSetting(id, () => elsewhere, store)).toMatchObject({
      kind: 'invalid',
      problems: [{ field: 'id', message: `expected ${id}` }],
    });
  });
});

test('a version that the author did not see is a conflict, and is not retried', async () => {
  await apply(vision);
  await expect(apply({ ...vision, kind: 'Face' }, { expected: 0 })).rejects.toThrow(
    'version 1 of /subscriptions/s/accounts/vision is in force, not 0',
  );
});

test('only a new setting takes the mode of new ones; --mode wins', async () => {
  const modeOf = async (more: Partial<Application>, sku = 'S1') => {
    const applied = await applySetting(application({ ...vision, sku }, more), () =>
      Promise.resolve(store),
    );
    return 'content' in applied ? applied.content.policy.mode : applied.kind;
  };
  expect(await modeOf({ modeOfNew: 'observe' })).toBe('observe');
  expect(await modeOf({ mode: 'act' })).toBe('act');
  expect(await modeOf({ modeOfNew: 'observe' }, 'S2')).toBe('act');
  expect(await modeOf({ modeOfNew: 'act', mode: 'observe' })).toBe('observe');
});
