import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { Override, SettingVersion } from '@headroom/core';
import { encodeEvent } from '../log-event/event.ts';
import { parseOverrides } from '../overrides.ts';
import { parsePolicy } from '../policy.ts';
import { encodeTopicMessage } from '../topic-message.ts';
import { armAction, armProfile, armSetting, armTrigger, withRule } from './arm.fixture.ts';
import { parseAutoscaleSetting, takeAutoscaleSetting } from './parse.ts';

const widest = '界';
const longId = `/subscriptions/${widest.repeat(1_009)}`;

/** Fills a rule with so many characters. */
const padded = (characters: number) => {
  const values = Array.from({ length: Math.ceil(characters / 1_000) }, () => 'v'.repeat(997));
  const dimensions = [0, 1, 2].map((part) => ({
    DimensionName: `d${part}`,
    Operator: 'Equals',
    Values: values.slice(part * 100, part * 100 + 100),
  }));
  const rule = withRule({ dimensions: dimensions.filter(({ Values }) => Values.length > 0) });
  return armSetting(rule.properties.profiles, { targetResourceUri: longId });
};

const whyNot = (document: unknown) => {
  const parsed = parseAutoscaleSetting(document);
  return parsed.ok ? [] : parsed.error;
};

describe('what is accepted has a place in every message', () => {
  test('the largest setting with the largest policy and the longest overrides', () => {
    const setting = parseAutoscaleSetting({ ...padded(195_000), id: longId });
    const own = (index: number) => ({ profile: 'p'.repeat(90), rule: index, use: 'hold' });
    const rules = Array.from({ length: 200 }, (_, index) => own(index));
    const policy = parsePolicy({ missingData: { rules } });
    const words = { owner: widest.repeat(100), reason: widest.repeat(500) };
    const term = { at: '2026-01-05T00:00:00Z', until: '2026-01-06T00:00:00Z', ...words };
    const overrides = parseOverrides([
      { kind: 'pause', ...term },
      { kind: 'freeze', ...term },
      { kind: 'pin', to: 1_000_000, ...term },
    ]);
    const content = { kind: 'setting', ...valuesOf({ setting, policy, overrides }) } as const;
    const { target } = content.setting;
    const version: SettingVersion = { target, id: longId, version: 1, content };
    const record = { id: 'x'.repeat(64), target, at: instant(0), version };
    expect(encodeEvent({ kind: 'setting', version }).length).toBeGreaterThan(230_000);
    expect(encodeTopicMessage({ kind: 'setting', setting: record }).length).toBeGreaterThan(0);
  });

  test('a larger setting is refused', () => {
    expect(whyNot(padded(201_000))).toEqual([
      { field: 'properties', message: expect.stringMatching(/^\d+ bytes .* at most 200000/) },
    ]);
    const taken = takeAutoscaleSetting(padded(201_000));
    expect(taken).toEqual({ ok: false, error: whyNot(padded(201_000)) });
  });

  test('twenty profiles of ten rules with ids as long as they are in Azure are accepted', () => {
    const metricResourceUri = `/subscriptions/${'r'.repeat(300)}`;
    const rule = { metricTrigger: { ...armTrigger, metricResourceUri }, scaleAction: armAction };
    const rules = Array.from({ length: 10 }, () => rule);
    const fixedDate = { start: '2026-12-24T00:00:00', end: '2026-12-27T00:00:00' };
    const profiles = Array.from({ length: 20 }, (_, index) => ({
      ...armProfile,
      ...(index > 0 && { fixedDate }),
      name: `p${index}`,
      rules,
    }));
    expect(whyNot(armSetting(profiles))).toEqual([]);
  });

  test('a larger policy is refused', () => {
    const own = { profile: 'p'.repeat(1_000), rule: 0, use: 'hold' };
    const rules = Array.from({ length: 40 }, () => own);
    expect(parsePolicy({ missingData: { rules } })).toMatchObject({
      ok: false,
      error: [{ field: '', message: expect.stringContaining('at most 30000') }],
    });
  });

  test.each([
    ['is longer than any id of Azure', `/subscriptions/${'x'.repeat(1_010)}`, 'longer than 1024'],
    ['has control characters', '/subscriptions/s\nx', 'control characters'],
  ])('an id that %s is refused', (_, id, message) => {
    expect(whyNot({ ...armSetting(), id })).toEqual([
      { field: 'id', message: expect.stringContaining(message) },
    ]);
  });

  test.each([
    ['its own id', { ...armSetting(), id: longId }],
    ["the target's", armSetting([armProfile], { targetResourceUri: longId })],
  ])('a name that is taken from %s is cut where it is too long for a name', (_, document) => {
    const parsed = parseAutoscaleSetting(document);
    expect(parsed.ok && parsed.value.name).toBe(widest.repeat(256));
  });
});

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

function valuesOf<S, P>(parsed: {
  readonly setting: Parsed<S>;
  readonly policy: Parsed<P>;
  readonly overrides: Parsed<readonly Override[]>;
}) {
  const { setting, policy, overrides } = parsed;
  if (!setting.ok || !policy.ok || !overrides.ok) throw new Error(JSON.stringify(parsed));
  return { setting: setting.value, policy: policy.value, overrides: overrides.value };
}
