import { describe, expect, test } from '@jest/globals';
import { after, defaultPolicy, defaultQuotaPoolPolicy, hourMs, targetId } from '@headroom/core';
import type { Override, Policy, RateLimitPolicy, SettingVersion, TargetId } from '@headroom/core';
import type { SettingStore, SettingWrite } from '@headroom/ports';
import { armAccount, armSetting, newTarget, noon, quotaPool } from './samples.ts';
import { within } from './within.ts';

export function settingStoreContract(name: string, store: () => SettingStore): void {
  describe(`SettingStore, ${name}`, () => {
    test('knows nothing of a target that nobody set', async () => {
      expect(await store().read(newTarget())).toBeUndefined();
    });

    test('gives a setting back parsed, with its version and id', async () => {
      const target = newTarget();
      expect(await store().write(first(target))).toEqual({ kind: 'written', version: 1 });
      expect(await store().read(target)).toMatchObject({
        target,
        id: 'blue',
        version: 1,
        content: {
          kind: 'setting',
          policy: defaultPolicy,
          setting: { target, profiles: [{ capacity: { minimum: 2, maximum: 10 } }] },
        },
      });
    });

    test('counts versions up, one a write', async () => {
      const target = newTarget();
      await store().write(first(target));
      const second = { ...first(target), expected: 1, document: armSetting(target, 80) };
      expect(await store().write(second)).toEqual({ kind: 'written', version: 2 });
      const content = (await store().read(target))?.content;
      expect(content).toMatchObject({
        setting: { profiles: [{ rules: [{ trigger: { threshold: 80 } }] }] },
      });
    });

    test.each([0, 2])('refuses a write that expects version %i where 1 is', async (expected) => {
      const target = newTarget();
      await store().write(first(target));
      expect(await store().write({ ...first(target), expected })).toEqual({ kind: 'conflict' });
      expect((await store().read(target))?.version).toBe(1);
    });

    test('refuses a first write that expects a version', async () => {
      const write = { ...first(newTarget()), expected: 1 };
      expect(await store().write(write)).toEqual({ kind: 'conflict' });
    });

    test.each([0, 1])('lets one of many writers at version %i win', async (expected) => {
      const target = newTarget();
      if (expected === 1) await store().write(first(target));
      const writers = Array.from({ length: 6 }, () =>
        store().write({ ...first(target), expected }),
      );
      const kinds = (await Promise.all(writers)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'written')).toHaveLength(1);
      expect((await store().read(target))?.version).toBe(expected + 1);
    });

    test('keeps the version of a deleted setting, and goes on from there', async () => {
      const target = newTarget();
      await store().write(first(target));
      await store().write({ ...first(target), expected: 1, document: undefined });
      expect(await store().read(target)).toMatchObject({
        version: 2,
        content: { kind: 'tombstone' },
      });
      const again = { ...first(target), expected: 2 };
      expect(await store().write(again)).toEqual({ kind: 'written', version: 3 });
    });

    test('keeps what it cannot read and says so', async () => {
      const target = newTarget();
      await store().write({ ...first(target), document: { properties: 7 } });
      expect(await store().read(target)).toMatchObject({ content: { kind: 'unreadable' } });
    });

    test('gives back every option of a policy', async () => {
      const target = newTarget();
      await store().write({ ...first(target), policy: everyOption });
      expect((await store().read(target))?.content).toMatchObject({ policy: everyOption });
    });

    test('gives back an account with every option of its policy, and its document verbatim', async () => {
      const document = armAccount();
      const account = { ...ofDocument(document), policy: everyLimitOption, overrides: [confirm] };
      await store().write(account);
      const stored = await store().read(account.target);
      expect(stored).toMatchObject({ id: document.id, version: 1, document });
      expect(stored?.content).toMatchObject({
        kind: 'rateLimit',
        account: {
          id: account.target,
          dynamicThrottlingEnabled: true,
          rules: [{ key: 'Read' }, {}],
        },
        policy: everyLimitOption,
        overrides: [confirm],
      });
    });

    test('gives back a quota pool and its policy', async () => {
      const document = quotaPool();
      const policy = { ...defaultQuotaPoolPolicy, mode: 'observe', everyMs: 90_000 } as const;
      const pool = { ...ofDocument(document), policy };
      await store().write(pool);
      expect(await store().override(pool.target, 1, [pause])).toMatchObject({ version: 2 });
      const stored = await store().read(pool.target);
      expect(stored?.document).toEqual(document);
      expect(stored?.content).toMatchObject({
        kind: 'quotaPool',
        pool: { id: pool.target, deployments: [{ guarantee: 10, step: 1 }, { priority: 0 }] },
        policy,
        overrides: [pause],
      });
    });

    test('keeps overrides beside a setting, as they were given', async () => {
      const target = newTarget();
      await store().write({ ...first(target), overrides: [pin, pause, freeze] });
      const content = (await store().read(target))?.content;
      expect(content).toMatchObject({ kind: 'setting', overrides: [pin, pause, freeze] });
    });

    test('other overrides are another version of the same setting and policy', async () => {
      const target = newTarget();
      await store().write({ ...first(target), policy: everyOption, overrides: [pin] });
      const before = (await store().read(target))?.content;
      expect(await store().override(target, 1, [freeze])).toEqual({ kind: 'written', version: 2 });
      const overridden = await store().read(target);
      expect(overridden).toMatchObject({ id: 'blue', version: 2 });
      expect(overridden?.content).toEqual({ ...before, overrides: [freeze] });
      expect(await store().override(target, 2, [])).toEqual({ kind: 'written', version: 3 });
      expect((await store().read(target))?.content).toEqual({ ...before, overrides: [] });
    });

    test('keeps shadows beside a setting verbatim, through its overrides, until they are left out', async () => {
      const target = newTarget();
      const shadows = [
        { name: 'lower', setting: armSetting(target, 60), policy: { flapBudget: 3 } },
      ];
      await store().write({ ...first(target), shadows });
      await store().override(target, 1, [pin]);
      const kept = await store().read(target);
      expect(kept?.shadows).toEqual(shadows);
      const trigger = { threshold: 60 };
      expect(kept?.content).toMatchObject({
        shadows: [
          {
            name: 'lower',
            content: {
              policy: { flapBudget: 3 },
              setting: { target, profiles: [{ rules: [{ trigger }] }] },
            },
          },
        ],
      });
      await store().write({ ...first(target), expected: 2 });
      const without = await store().read(target);
      expect(without).not.toHaveProperty('shadows');
      expect(without?.content).not.toHaveProperty('shadows');
      await store().write({ ...first(target), expected: 3, document: undefined, shadows });
      expect(await store().read(target)).not.toHaveProperty('shadows');
    });

    test('keeps a shadow that it cannot read, and the setting beside it is read', async () => {
      const target = newTarget();
      const shadows = [{ name: 'later', setting: { properties: 7 }, policy: {} }];
      await store().write({ ...first(target), shadows });
      const kept = await store().read(target);
      expect(kept?.shadows).toEqual(shadows);
      expect(kept?.content).toMatchObject({
        kind: 'setting',
        shadows: [{ name: 'later', content: { kind: 'unreadable' } }],
      });
    });

    test('refuses overrides of another version, of nothing, and of what was deleted', async () => {
      const target = newTarget();
      const conflict = { kind: 'conflict' };
      expect(await store().override(target, 0, [pin])).toEqual(conflict);
      await store().write(first(target));
      expect(await store().override(target, 2, [pin])).toEqual(conflict);
      await store().write({ ...first(target), expected: 1, document: undefined });
      expect(await store().override(target, 2, [pin])).toEqual(conflict);
      expect(await store().read(target)).toMatchObject({ version: 2 });
    });

    test('lets one of many overrides of a version win', async () => {
      const target = newTarget();
      await store().write(first(target));
      const writers = [pin, pause, freeze].map((one) => store().override(target, 1, [one]));
      const kinds = (await Promise.all(writers)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'written')).toHaveLength(1);
      expect((await store().read(target))?.version).toBe(2);
    });

    test('tells a follower of overrides', async () => {
      const target = newTarget();
      await store().write(first(target));
      const follower = follow(store());
      await within('the first call', () => follower.newest(target) === 1);
      await store().override(target, 1, [pause]);
      await within('the override', () => follower.newest(target) === 2);
      await follower.end();
    });

    test('shows a follower everything first, tombstones too, then each change', async () => {
      const [kept, deleted, late] = [newTarget(), newTarget(), newTarget()];
      await store().write(first(kept));
      await store().write(first(deleted));
      await store().write({ ...first(deleted), expected: 1, document: undefined });
      const follower = follow(store());
      await within('the first call', () => follower.calls.length > 0);
      expect(follower.versionIn(0, kept)).toBe(1);
      expect(follower.versionIn(0, deleted)).toBe(2);

      await store().write(first(late));
      await store().write({ ...first(kept), expected: 1, document: undefined });
      await within(
        'both changes',
        () => follower.newest(late) === 1 && follower.newest(kept) === 2,
      );
      await follower.end();
    });

    test('calls a follower of an empty set, or of an unchanged one, once at first', async () => {
      const follower = follow(store());
      await within('the first call', () => follower.calls.length === 1);
      await follower.end();
    });

    test('ends for a follower that was aborted before', async () => {
      const aborted = AbortSignal.abort();
      await store().follow(() => expect(true).toBe(false), aborted);
    });
  });
}

function first(target: TargetId): SettingWrite {
  const document = armSetting(target);
  return { target, id: 'blue', expected: 0, document, policy: defaultPolicy, overrides: [] };
}

function ofDocument(document: { readonly id: string }): SettingWrite {
  const { id } = document;
  return { target: targetId(id), id, expected: 0, document, policy: defaultPolicy, overrides: [] };
}

const term = { at: noon, until: after(noon, hourMs), owner: 'ann', reason: 'a load test' };
const pin: Override = { kind: 'pin', to: 4, ...term };
const pause: Override = { kind: 'pause', ...term };
const confirm: Override = { kind: 'confirm', ...term };
const freeze: Override = { kind: 'freeze', ...term, until: after(noon, 48 * hourMs) };

/** Every option with another value than its default. */
const everyOption: Policy = {
  mode: 'observe',
  auditLevel: 'all',
  cooldownFrom: 'lastFiredRule',
  scaleOutPreemptsCooldown: true,
  flapBudget: 6,
  missingData: {
    out: { kind: 'failUp' },
    in: { kind: 'lastGood', ttlMs: 600_000 },
    rules: [{ profile: 'Auto', rule: 0, use: { kind: 'hold' } }],
  },
  capacityLadder: [2, 4, 8, 10],
};

/** The same of a policy for limits. */
const everyLimitOption: RateLimitPolicy = {
  mode: 'observe',
  auditLevel: 'all',
  pace: 'azure',
  growth: 'linear',
  decay: { kind: 'drop', idleMs: 90_000 },
  maximumTps: 500,
  approvedTps: { read: 40.5 },
  capacity: { kind: 'arm', model: 'OpenAI/m/1', skuName: 'Standard', tpsPerUnit: 0.1 },
  group: 'backend-we',
  anomalyFactor: 10,
  spend: {
    currency: 'EUR',
    caps: [{ of: 'group', per: 'month', amountMicros: 12_500_001 }],
    prices: [{ key: '*', perCallMicros: 1, perInputTokenMicros: 0.15, perOutputTokenMicros: 600 }],
  },
  gateway: {
    whenAway: 'open',
    callerShareMax: 0.5,
    tokenLimits: [{ deployment: 'chat', tokensPerMinute: 60_000 }],
  },
};

interface Follower {
  readonly calls: readonly (readonly SettingVersion[])[];
  versionIn(call: number, target: TargetId): number | undefined;
  newest(target: TargetId): number | undefined;
  end(): Promise<void>;
}

function follow(store: SettingStore): Follower {
  const calls: (readonly SettingVersion[])[] = [];
  const abort = new AbortController();
  const running = store.follow((versions) => calls.push(versions), abort.signal);
  const versionIn = (call: number, target: TargetId): number | undefined =>
    calls[call]?.find((one) => one.target === target)?.version;
  return {
    calls,
    versionIn,
    newest: (target) => calls.flat().findLast((one) => one.target === target)?.version,
    end: async () => {
      abort.abort();
      await running;
    },
  };
}
