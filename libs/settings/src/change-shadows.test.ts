import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  after,
  defaultPolicy,
  failed,
  instant,
  ok,
  settingBytesMax,
  targetId,
  withoutMode,
} from '@headroom/core';
import type { AutoscaleSetting, SettingContent, Shadow, ShadowPolicy } from '@headroom/core';
import { MemorySettings } from '@headroom/memory';
import { applySetting } from './apply-setting.ts';
import { addShadow, removeShadow } from './change-shadows.ts';
import type { NewShadow, ShadowForm } from './change-shadows.ts';

const target = targetId('/subscriptions/s/deployments/blue');
const setting = settingOf('in force');
const now = instant(10);
const noMode = withoutMode(defaultPolicy);

function settingOf(name: string, id = target): AutoscaleSetting {
  return { name, enabled: true, target: id, profiles: [] };
}

/** Documents here are settings and policies already. */
const form: ShadowForm = {
  parse: ({ name, setting: document, policy }) => {
    if (typeof document !== 'object') return failed([{ field: 'setting', message: 'none' }]);
    const content = { kind: 'setting', setting: document, policy } as Shadow['content'];
    return ok({ shadow: { name, content }, warnings: [] });
  },
  encodePolicy: (policy: ShadowPolicy) => policy,
};

let store: MemorySettings;
beforeEach(() => {
  store = new MemorySettings((document, policy, overrides, shadows) => {
    const beside = shadows?.map(({ name, setting: its, policy: own }) => ({
      name,
      content: { kind: 'setting', setting: its, policy: own },
    }));
    // As a store of documents would read it: of this realm, where a clone is of another one.
    const text = JSON.stringify({
      kind: 'setting',
      setting: document,
      policy,
      overrides,
      shadows: beside,
    });
    return JSON.parse(text) as SettingContent;
  });
});

const applied = (document: unknown = setting) =>
  applySetting(
    {
      document,
      parse: (one) => ok({ kind: 'setting', setting: one as AutoscaleSetting, warnings: [] }),
      now,
    },
    () => Promise.resolve(store),
  );
const add = (name: string, more: Partial<NewShadow> = {}) =>
  addShadow({ target, name, setting: settingOf(name), now, ...more }, form, store);
const namesIn = async () => (await store.read(target))?.shadows?.map(({ name }) => name);

describe('a shadow', () => {
  test('is part of the next version, with the policy in force but for its mode', async () => {
    await applied();
    expect(await add('a')).toMatchObject({ kind: 'written', version: 2 });
    const stored = await store.read(target);
    expect(stored?.document).toEqual(setting);
    expect(stored?.shadows).toEqual([{ name: 'a', setting: settingOf('a'), policy: noMode }]);
  });

  test('stays when the setting beside it is applied anew', async () => {
    await applied();
    await add('a');
    await applied(settingOf('edited'));
    expect(await namesIn()).toEqual(['a']);
    expect(await applied(settingOf('edited'))).toMatchObject({ kind: 'unchanged', version: 3 });
  });

  test('takes the place of the one of its name; the same again writes nothing', async () => {
    await applied();
    for (const name of ['a', 'b', 'c']) await add(name);
    expect(await add('b', { setting: settingOf('edited') })).toMatchObject({
      kind: 'written',
      before: { content: { setting: { name: 'b' } } },
    });
    expect(await namesIn()).toEqual(['a', 'b', 'c']);
    expect(await add('a')).toMatchObject({ kind: 'unchanged', version: 5 });
  });

  test('goes, and what was not there stays away', async () => {
    await applied();
    await add('a');
    expect(await removeShadow({ target, name: 'b', now }, store)).toMatchObject({
      kind: 'unchanged',
      version: 2,
    });
    expect(await removeShadow({ target, name: 'a', now }, store)).toMatchObject({ version: 3 });
    expect(await namesIn()).toBeUndefined();
  });

  test('leaves overrides that have not ended', async () => {
    await applied();
    const term = { at: instant(0), owner: 'ann', reason: 'a test' };
    await store.override(target, 1, [
      { kind: 'pause', ...term, until: after(now, 1) },
      { kind: 'freeze', ...term, until: now },
    ]);
    await add('a');
    expect((await store.read(target))?.content).toMatchObject({ overrides: [{ kind: 'pause' }] });
  });
});

describe('is refused, and nothing written:', () => {
  test('what cannot be read', async () => {
    await applied();
    expect(await add('a', { setting: 7 })).toMatchObject({ kind: 'invalid' });
  });

  test('a setting of another target', async () => {
    await applied();
    const other = settingOf('a', targetId('/subscriptions/s/deployments/green'));
    expect(await add('a', { setting: other })).toMatchObject({
      problems: [{ field: 'properties.targetResourceUri' }],
    });
  });

  test('one more than 20', async () => {
    await applied();
    for (let i = 0; i < 20; i++) await add(`s${i}`);
    expect(await add('another')).toMatchObject({ kind: 'invalid' });
    expect(await add('s7', { setting: settingOf('edited') })).toMatchObject({ kind: 'written' });
    expect(await namesIn()).toHaveLength(20);
  });

  test('what would not fit into a message of the log, whichever came last', async () => {
    await applied();
    const half = 'x'.repeat(settingBytesMax / 2);
    await add('large', { setting: settingOf(half) });
    const invalid = { kind: 'invalid', problems: [{ field: 'properties' }] };
    expect(await add('more', { setting: settingOf(half) })).toMatchObject(invalid);
    expect(await applied(settingOf(half))).toMatchObject(invalid);
    expect((await store.read(target))?.version).toBe(2);
  });

  test.each([undefined, { kind: 'tombstone' }])('one beside %j', async (held) => {
    if (held !== undefined) {
      const write = { target, id: 'a', expected: 0, document: undefined, policy: defaultPolicy };
      await store.write({ ...write, overrides: [] });
    }
    await expect(add('a')).rejects.toThrow('has no setting, and a shadow runs beside one');
  });
});
