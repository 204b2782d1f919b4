import { expect, test } from '@jest/globals';
import { defaultRateLimitPolicy, defaultRule, targetId } from '@headroom/core';
import type { SettingContent, SettingVersion } from '@headroom/core';
import { KnownLimits } from './known-limits.ts';

const [vision, other] = [targetId('/accounts/vision'), targetId('/accounts/other')];
const content: SettingContent = {
  kind: 'rateLimit',
  account: {
    ...{ id: vision, name: 'vision', kind: 'ComputerVision', sku: 'S1', capabilities: [] },
    ...{ dynamicThrottlingEnabled: false, rules: [defaultRule] },
  },
  policy: defaultRateLimitPolicy,
  overrides: [],
};
const versionOf = (
  version: number,
  of: SettingContent = content,
  target = vision,
): SettingVersion => ({ target, id: target, version, content: of });

function world() {
  const said: string[] = [];
  const limiter = {
    setAccount: () => void said.push('set'),
    removeAccount: () => void said.push('remove'),
    setLimits: () => void said.push('limits'),
  };
  const known = new KnownLimits({ accounts: new Set([vision]), limiter });
  const share = (...failed: string[]) => {
    const renewed = { renewed: 1, failed: failed.map((pool) => ({ pool, error: new Error() })) };
    return known.share(() => Promise.resolve(renewed));
  };
  return { said, known, share };
}

test('an account is ready when both stores were read and its limits were shared', async () => {
  const { known, share } = world();
  const waitsFor = () => known.missing[0]?.waitsFor ?? 'nothing';
  expect(waitsFor()).toContain('store of settings');
  known.settingsChanged([versionOf(1)]);
  expect(waitsFor()).toContain('store of limits');
  known.limitsChanged([]);
  await known.read;
  expect(waitsFor()).toContain('being shared');
  expect([known.isReady(vision), known.isComplete]).toEqual([false, false]);
  expect(await share()).toEqual({ renewed: 1, failed: [] });
  expect([known.isReady(vision), known.isComplete, waitsFor()]).toEqual([true, true, 'nothing']);
});

test('one that came while the others were shared waits for the next time', async () => {
  const { known, share } = world();
  await known.share(() => {
    known.settingsChanged([versionOf(1)]);
    return Promise.resolve({ renewed: 0, failed: [] });
  });
  expect(known.isReady(vision)).toBe(false);
  await share();
  expect(known.isReady(vision)).toBe(true);
});

test('one whose share could not be had is not ready, unless it is open without', async () => {
  const { known, share } = world();
  known.settingsChanged([versionOf(1)]);
  await share(`${vision}/ratelimits/default`);
  expect(known.isReady(vision)).toBe(false);
  await share(`${vision}2/ratelimits/default`);
  expect(known.isReady(vision)).toBe(true);
  await share(`${vision}/ratelimits/default`);
  expect(known.isReady(vision)).toBe(true);
  const other = world();
  const gateway = { ...defaultRateLimitPolicy.gateway, whenAway: 'open' as const };
  const open = { ...content, policy: { ...defaultRateLimitPolicy, gateway } };
  other.known.settingsChanged([versionOf(1, open)]);
  await other.share(`${vision}/ratelimits/default`);
  expect(other.known.isReady(vision)).toBe(true);
});

test('one without a setting is told, and keeps nobody else from being ready', async () => {
  const { known, share } = world();
  known.settingsChanged([]);
  known.limitsChanged([]);
  await share();
  expect(known.isComplete).toBe(true);
  expect(known.missing.map(({ account }) => account)).toEqual([vision]);
  expect(known.missing[0]?.waitsFor).toContain('headroom apply');
});

test('the newest version counts, and others’ settings and limits pass by', () => {
  const { said, known } = world();
  known.settingsChanged([versionOf(2), versionOf(1), versionOf(2), versionOf(9, content, other)]);
  known.limitsChanged([
    { account: vision, limits: [] },
    { account: other, limits: [] },
  ]);
  expect(said).toEqual(['set', 'limits']);
});

test('a tombstone takes the account out; what cannot be read takes nothing', async () => {
  const { said, known, share } = world();
  known.settingsChanged([versionOf(1)]);
  await share();
  known.settingsChanged([versionOf(2, { kind: 'unreadable', problems: ['x'] })]);
  expect(known.isReady(vision)).toBe(true);
  known.settingsChanged([versionOf(3, { kind: 'tombstone' })]);
  expect(known.isReady(vision)).toBe(false);
  expect(said).toEqual(['set', 'remove']);
});
