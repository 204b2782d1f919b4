import { describe, expect, test } from '@jest/globals';
import { defaultRule } from '@headroom/core';
import { runScaleTest } from './run-scale-test.ts';
import type { ScaleTestResult } from './run-scale-test.ts';
import { parse } from './scale-test.fixture.ts';

/** What a person writes: an account under `pace: azure` with room in the backend, and 1500 calls a second. */
function textOf(...lines: readonly string[]): string {
  return [
    'ratelimit: ./vision.json',
    'options: { pace: azure, capacity: { kind: static, tps: 1000 } }',
    'calls:',
    '  - { every: 1m, values: 1500x90 }',
    ...lines,
  ].join('\n');
}

function run(text: string): ScaleTestResult {
  const { tests, problems } = parse(text);
  const [one] = tests;
  if (one === undefined) throw new Error(JSON.stringify(problems));
  return runScaleTest(one);
}

const problemsOf = (text: string) =>
  parse(text).problems.map(({ line, field, message }) => `${line} ${field}: ${message}`);

describe('a scale test of limits', () => {
  test('climbs by the reference curve; every key of an expectation holds', () => {
    const text = textOf(
      'expect:',
      '  - { at: 4m59s, outcome: Hold, reason: Throttled, limit: 10 }',
      '  - { at: 5m, outcome: ScaleOut, reason: Throttled, limit: 14.7 }',
      '  - { at: 60m, key: default, limit: 1000 }',
      '  - { at: 70m, outcome: Hold, reason: AtMaximum }',
    );
    const { failures, actions, evaluations } = run(text);
    expect(failures).toEqual([]);
    expect(actions).toHaveLength(12);
    expect(actions[0]).toEqual({
      ...{ at: 300_000, key: 'default', outcome: 'ScaleOut', reason: 'Throttled' },
      ...{ from: 10, to: 14.7 },
    });
    expect(evaluations).toBeGreaterThan(3600);
  });

  test('says what differs and what happened around it', () => {
    const { failures } = run(
      textOf('expect:', '  - { at: 5m, outcome: Hold, reason: AtMaximum, limit: 20 }'),
    );
    expect(failures).toMatchObject([
      {
        differences: [
          { key: 'outcome', expected: 'Hold', found: 'ScaleOut' },
          { key: 'reason', expected: 'AtMaximum', found: 'Throttled' },
          { key: 'limit', expected: '20', found: '14.7' },
        ],
      },
    ]);
    const [failure] = failures;
    const rows = failure?.kind === 'expectation' ? failure.timeline : [];
    expect(rows.find(({ kind }) => kind === 'action')).toEqual({
      ...{ at: 300_000, capacity: 14.7, kind: 'action' },
      text: 'default: ScaleOut Throttled 10 → 14.7: 447000 calls answered 429 since the last check; the backend serves 1000 calls a second, limits allow 10',
    });
  });

  test('takes the switch, other options and overrides as they come', () => {
    const text = textOf(
      'events:',
      '  - { at: 12m, options: { capacity: { kind: static, tps: 15 } } }',
      '  - { at: 16m, override: { pin: 120, for: 5m } }',
      '  - { at: 30m, enabled: false }',
      'decisions:',
      '  - { at: 5m, to: 14.7 }',
      '  - { at: 10m, from: 14.7, to: 21.5 }',
      '  - { at: 15m, reason: CapacityFell, to: 15 }',
      '  - { at: 16m, reason: Pinned, to: 120 }',
      '  - { at: 21m, reason: CapacityFell, to: 15 }',
      '  - { at: 30m, key: DEFAULT, reason: AutoscaleOff, to: 10 }',
    );
    expect(run(text).failures).toEqual([]);
  });

  test('tells why calls are refused, and takes metrics that are written down', () => {
    const refused = [
      'ratelimit: ./vision.json',
      'options: { pace: azure }',
      'calls: [{ every: 1m, values: 30x20, by: Quota }]',
      'decisions: []',
    ];
    expect(run(refused.join('\n')).failures).toEqual([]);
    const told = [
      'ratelimit: ./vision.json',
      'options: { pace: azure, decay: { kind: hold } }',
      'input:',
      '  - { metric: BlockedCalls, dimensions: { RatelimitKey: default, BlockedBy: Rate }, every: 1s, values: _x30 7 }',
      'expect: [{ at: 10m, limit: 14.7 }]',
    ];
    expect(run(told.join('\n')).failures).toEqual([]);
  });

  test('of several limits only the one that is run into rises', () => {
    const rules = ['ocr', 'read'].map((key) => ({ ...defaultRule, key }));
    const text = [
      `ratelimit: { sku: S1, rules: ${JSON.stringify(rules)} }`,
      'options: { pace: azure, capacity: { kind: static, tps: 1000 } }',
      'calls: [{ key: OCR, every: 1m, values: 100x10 }]',
      'expect:',
      '  - { at: 5m, key: ocr, reason: Throttled, limit: 14.7 }',
      '  - { at: 5m, key: read, reason: NotTriggered, limit: 10 }',
    ];
    expect(run(text.join('\n')).failures).toEqual([]);
  });
});

describe('what cannot be read', () => {
  test.each([
    [['limt: 3'], '5 limt: unknown key "limt"'],
    [['setting: ./cpu.json'], '5 setting: unknown key "setting"'],
    [[], '1 : nothing is expected: give expect or decisions'],
    [['expect: [{ at: 1m, key: default }]'], '5 expect[0]: nothing is expected: give outcome'],
    [
      ['expect: [{ at: 1m, key: defautl, limit: 1 }]'],
      '5 expect[0].key: no limit has this key (did you mean "default"?): the account has default',
    ],
    [['expect: [{ at: 1m, limit: -1 }]'], '5 expect[0].limit: expected 0 calls'],
    [
      ['decisions: []', 'events: [{ at: 1m, enabled: false, options: {} }]'],
      '6 events[0]: expected one of enabled',
    ],
    [
      ['decisions: []', 'events: [{ at: 1m, options: { pacce: fast } }]'],
      '6 events[0].options.pacce: unknown option',
    ],
  ])('%j', (lines, problem) => {
    expect(problemsOf(textOf(...lines))[0]).toContain(problem);
  });

  test('values below nothing, and an account that is none', () => {
    const text = 'ratelimit: ./vision.json\ncalls: [{ values: 3-2x4 }]\ndecisions: []';
    expect(problemsOf(text)).toEqual(['2 calls[0].values: expected calls a second, 0 or more']);
    expect(problemsOf('ratelimit: { id: x }\ndecisions: []')).toEqual([
      '1 ratelimit.sku: expected the tier: {"name": "S1"}',
    ]);
  });
});
