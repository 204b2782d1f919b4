import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { defaultPolicy } from '@headroom/core';
import type { AutoscaleSetting } from '@headroom/core';
import { durationMs } from './duration.ts';
import { decodeSettingContent } from '../setting-content.ts';
import { parseAutoscaleSetting } from './parse.ts';

interface Fixture {
  readonly document: ArmDocument;
  readonly setting: AutoscaleSetting;
}
interface ArmDocument {
  name?: unknown;
  id?: unknown;
  properties: Record<string, unknown> & { profiles: ArmProfile[] };
}
type ArmProfile = Record<string, unknown> & { capacity: Record<string, unknown>; rules: ArmRule[] };
interface ArmRule {
  metricTrigger: Record<string, unknown>;
  scaleAction: Record<string, unknown>;
}

const url = new URL('../../fixtures/autoscale-setting.json', import.meta.url);
const { document, setting } = JSON.parse(readFileSync(url, 'utf8')) as Fixture;

/** The good document with something changed. */
function changed(change: (properties: ArmDocument['properties'], whole: ArmDocument) => void) {
  const copy = structuredClone(document);
  change(copy.properties, copy);
  return copy;
}

const trigger = (properties: ArmDocument['properties']) =>
  properties.profiles[0]!.rules[0]!.metricTrigger;
const action = (properties: ArmDocument['properties']) =>
  properties.profiles[0]!.rules[0]!.scaleAction;
const capacity = (properties: ArmDocument['properties']) => properties.profiles[0]!.capacity;

test("Azure's document is read: texts or numbers, either spelling of a dimension's members", () => {
  expect(parseAutoscaleSetting(document)).toEqual({ ok: true, value: setting, warnings: [] });
});

test.each([
  ['Azure.ApplicationInsights', { metricNamespace: 'Azure.ApplicationInsights' }],
  [' Standard ', { metricNamespace: 'Standard' }],
  ['', {}],
  [null, {}],
  [undefined, {}],
])('the namespace %j of a metric', (written, read) => {
  const document = changed((properties) => (trigger(properties)['metricNamespace'] = written));
  const parsed = parseAutoscaleSetting(document);
  const { metricName, metricNamespace } = parsed.ok
    ? parsed.value.profiles[0]!.rules[0]!.trigger
    : {};
  expect({ metricName, metricNamespace }).toEqual({
    metricName: 'CpuUtilizationPercentage',
    ...read,
  });
});

describe('what may be left out', () => {
  test.each<[string, Parameters<typeof changed>[0], Partial<AutoscaleSetting>]>([
    ['enabled means true', (p) => delete p['enabled'], { enabled: true }],
    ['enabled may be false', (p) => (p['enabled'] = false), { enabled: false }],
    ['the name is in the id', (_, d) => delete d.name, { name: 'quotes-blue' }],
    [
      'or in the properties',
      (_, d) => {
        delete d.name;
        delete d.id;
      },
      { name: 'ignored' },
    ],
    [
      'or is the target’s',
      (p, d) => {
        delete d.name;
        delete d.id;
        delete p['name'];
      },
      { name: 'blue' },
    ],
  ])('%s', (_, change, expected) => {
    expect(parseAutoscaleSetting(changed(change))).toMatchObject({ ok: true, value: expected });
  });

  test('a value of an action is 1', () => {
    const parsed = parseAutoscaleSetting(changed((p) => delete action(p)['value']));
    expect(parsed).toMatchObject({
      value: { profiles: [{ rules: [{ action: { value: 1 } }, {}] }] },
    });
  });

  test('null says nothing', () => {
    const parsed = parseAutoscaleSetting(
      changed((p) => {
        Object.assign(p.profiles[0]!, { fixedDate: null, recurrence: null });
        Object.assign(trigger(p), { dimensions: null, dividePerInstance: null });
      }),
    );
    expect(parsed).toEqual({ ok: true, value: setting, warnings: [] });
  });
});

describe('what is wrong is told with its field', () => {
  const rule = 'properties.profiles[0].rules[0]';
  test.each<[string, Parameters<typeof changed>[0], RegExp]>([
    ['properties.targetResourceUri', (p) => delete p['targetResourceUri'], /id of the resource/],
    ['properties.targetResourceUri', (p) => (p['targetResourceUri'] = 'blue'), /ARM resource id/],
    ['properties.profiles', (p) => (p.profiles = []), /one default profile/],
    ['properties.profiles[0].capacity.minimum', (p) => (capacity(p)['minimum'] = '1.5'), /whole/],
    ['properties.profiles[0].capacity.maximum', (p) => (capacity(p)['maximum'] = '1'), /below/],
    ['properties.profiles[0].capacity.default', (p) => (capacity(p)['default'] = 99), /outside/],
    [`${rule}.metricTrigger.metricName`, (p) => (trigger(p)['metricName'] = 'a\nb'), /control/],
    [`${rule}.metricTrigger.timeGrain`, (p) => (trigger(p)['timeGrain'] = 'P1M'), /PT5M/],
    [`${rule}.metricTrigger.timeGrain`, (p) => (trigger(p)['timeGrain'] = 'PT10S'), /1 minute/],
    [`${rule}.metricTrigger.timeWindow`, (p) => (trigger(p)['timeWindow'] = 'PT13H'), /12 hours/],
    [
      `${rule}.metricTrigger.statistic`,
      (p) => (trigger(p)['statistic'] = 'Median'),
      /Average, Min/,
    ],
    [`${rule}.metricTrigger.operator`, (p) => (trigger(p)['operator'] = '>'), /GreaterThan/],
    [`${rule}.metricTrigger.threshold`, (p) => (trigger(p)['threshold'] = '70'), /finite/],
    [`${rule}.scaleAction.type`, (p) => (action(p)['type'] = 'Change'), /ServiceAllowedNextValue/],
    [`${rule}.scaleAction.direction`, (p) => (action(p)['direction'] = 'Up'), /Increase/],
    [`${rule}.scaleAction.value`, (p) => (action(p)['value'] = '5%'), /whole number/],
    [`${rule}.scaleAction.value`, (p) => (action(p)['value'] = '0'), /at least 1/],
    [`${rule}.scaleAction.cooldown`, (p) => (action(p)['cooldown'] = 'P8D'), /7 days/],
  ])('%s', (field, change, message) => {
    expect(parseAutoscaleSetting(changed(change))).toEqual({
      ok: false,
      error: [{ field, message: expect.stringMatching(message) }],
    });
  });

  test("a change that the bounds never allow has Azure's own code", () => {
    expect(parseAutoscaleSetting(changed((p) => (action(p)['value'] = '9')))).toMatchObject({
      error: [{ field: `${rule}.scaleAction.value`, code: 'InvalidActionValue' }],
    });
  });

  test('all of it at once, of form and of meaning', () => {
    const parsed = parseAutoscaleSetting(
      changed((p) => {
        capacity(p)['maximum'] = '1';
        trigger(p)['threshold'] = 'high';
        action(p)['cooldown'] = 'PT1S';
        p.profiles.push({ ...structuredClone(p.profiles[0]!), recurrence: {} });
      }),
    );
    const fields = parsed.ok ? [] : parsed.error.map(({ field }) => field);
    expect(fields.sort()).toEqual(
      [
        'properties.profiles[0].capacity.maximum',
        `${rule}.metricTrigger.threshold`,
        `${rule}.scaleAction.cooldown`,
        'properties.profiles[1].capacity.maximum',
        'properties.profiles[1].recurrence.frequency',
        'properties.profiles[1].recurrence.schedule',
        'properties.profiles[1].rules[0].metricTrigger.threshold',
        'properties.profiles[1].rules[0].scaleAction.cooldown',
      ].sort(),
    );
  });

  test.each([undefined, null, 7, [], 'x', {}, { properties: 1 }])('%j is no setting', (value) => {
    expect(parseAutoscaleSetting(value).ok).toBe(false);
  });
});

describe("a store's document", () => {
  test('is the setting with its policy, the default one where none was written', () => {
    expect(decodeSettingContent(document, { mode: 'observe' })).toEqual({
      kind: 'setting',
      setting,
      policy: { ...defaultPolicy, mode: 'observe' },
      overrides: [],
    });
    expect(decodeSettingContent(document, undefined)).toMatchObject({ policy: { mode: 'act' } });
  });

  test('is unreadable for all its reasons, whatever it holds', () => {
    expect(decodeSettingContent({}, { mode: 'floor' }, [{ kind: 'nap' }])).toEqual({
      kind: 'unreadable',
      problems: [
        expect.stringMatching(/^properties: /),
        expect.stringMatching(/^policy mode: /),
        expect.stringMatching(/^overrides\[0\].kind: /),
      ],
    });
  });
});

test.each([
  ['PT1M', 60_000],
  ['PT1H30M', 5_400_000],
  ['PT0.5S', 500],
  ['P1DT1S', 86_401_000],
  ['P1W', 604_800_000],
  ['pt5m', 300_000],
  ['PT5M1H', undefined],
  ['P1M', undefined],
  ['P1Y', undefined],
  ['PT', undefined],
  ['P', undefined],
  ['P1DT', undefined],
  ['-PT1M', undefined],
  ['5m', undefined],
  ['', undefined],
])('the duration %j is %j ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});
