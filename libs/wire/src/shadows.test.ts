import { describe, expect, test } from '@jest/globals';
import { defaultPolicy, shadowsMax, targetId, withoutMode } from '@headroom/core';
import { armSetting } from './autoscale-setting/arm.fixture.ts';
import { decodeSettingContent } from './setting-content.ts';
import { decodeShadows, encodeShadowPolicy, parseShadow, parseShadowPolicy } from './shadows.ts';

const noMode = withoutMode(defaultPolicy);
const setting = armSetting();
const targetUri = String(setting.properties['targetResourceUri']);
const target = targetId(targetUri);

describe('a shadow as somebody writes it', () => {
  test('is an ARM setting under a name, with a policy that has no mode', () => {
    const parsed = parseShadow({ name: 'lower', setting, policy: { flapBudget: 3 } });
    expect(parsed).toMatchObject({
      ok: true,
      value: { shadow: { name: 'lower', content: { policy: { ...noMode, flapBudget: 3 } } } },
    });
    expect(parsed.ok && parsed.value.shadow.content).not.toHaveProperty('policy.mode');
  });

  test.each(['act', 'observe'])('takes no mode, not even %s', (mode) => {
    const parsed = parseShadow({ name: 'lower', setting, policy: { mode } });
    expect(parsed).toMatchObject({ ok: false, error: [{ field: 'policy.mode' }] });
  });

  test.each(['', '-a', 'a b', 'a/b', 'x'.repeat(65), 'a\n', 7, undefined])(
    'is not called %j',
    (name) => {
      const parsed = parseShadow({ name, setting });
      expect(parsed).toMatchObject({ ok: false, error: [{ field: 'name' }] });
    },
  );

  test('tells everything that is wrong with it', () => {
    const parsed = parseShadow({ name: 'a', setting: {}, policy: { flapBudget: 0 } });
    const fields = parsed.ok ? [] : parsed.error.map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(['properties', 'policy.flapBudget']));
  });

  test('has its policy written out, and read again', () => {
    const policy = { ...noMode, flapBudget: 5 };
    expect(parseShadowPolicy(encodeShadowPolicy(policy))).toEqual({ ok: true, value: policy });
  });
});

describe('shadows in a store', () => {
  test('are part of the setting that they stand beside', () => {
    const shadows = [{ name: 'lower', setting, policy: {} }];
    expect(decodeSettingContent(setting, {}, [], shadows)).toMatchObject({
      kind: 'setting',
      shadows: [{ name: 'lower', content: { kind: 'setting', policy: noMode } }],
    });
    expect(decodeSettingContent(setting, {}, [], [])).not.toHaveProperty('shadows');
  });

  test('that cannot be read hold themselves only', () => {
    const shadows = [
      { name: 'later', setting: { properties: 1 }, policy: {} },
      { name: 'acting', setting, policy: { mode: 'act' } },
      { name: 'fine', setting },
    ];
    expect(decodeShadows(shadows, target).map(({ name, content }) => [name, content.kind])).toEqual(
      [
        ['later', 'unreadable'],
        ['acting', 'unreadable'],
        ['fine', 'setting'],
      ],
    );
  });

  test('are held with a few problems, however many they have', () => {
    const rules = Array.from({ length: 50 }, () => ({}));
    const broken = { properties: { ...setting.properties, profiles: [{ name: 'a', rules }] } };
    const [shadow] = decodeShadows([{ name: 'a', setting: broken }], target);
    expect(shadow?.content.kind === 'unreadable' && shadow.content.problems).toHaveLength(5);
  });

  test('decide on the target that they stand beside, and on no other', () => {
    const other = targetId(`${targetUri}-green`);
    expect(decodeShadows([{ name: 'a', setting }], other)).toMatchObject([
      { content: { kind: 'unreadable', problems: [expect.stringContaining(other)] } },
    ]);
  });

  test.each([null, 7, {}, [null, 7, { name: 'a b', setting }]])('are none in %j', (documents) => {
    expect(decodeShadows(documents, target)).toEqual([]);
  });

  test('have names of their own, and are so many at most', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ name: `s${at}`, setting }));
    expect(decodeShadows([...many, ...many], target)).toHaveLength(shadowsMax);
    expect(decodeShadows([many[0], many[0]], target)).toHaveLength(1);
  });
});
