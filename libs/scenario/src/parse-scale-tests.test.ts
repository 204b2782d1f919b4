import { describe, expect, test } from '@jest/globals';
import { minuteMs, secondMs } from '@headroom/core';
import fc from 'fast-check';
import type { ScaleTestDocument } from './document.ts';
import { formatScaleTest } from './format-scale-test.ts';
import { parse, target, testOf } from './scale-test.fixture.ts';

/** Every key once, as in docs/scale-tests.md. */
const everyKey = `name: scales out above 75
setting: ./cpu.json
capacity: 2
start: "2026-01-05T00:00:00Z"
scaling: 30s
options: { cooldownFrom: lastFiredRule }
input:
  - metric: CpuUtilizationPercentage
    resource: target
    dimensions: { instanceId: a, Zone: 1 }
    every: 1m
    lag: 0s
    path: test
    values: "50x5 80x10 _x3 30+2x4"
events:
  - { at: 7m, capacity: 6 }
  - { at: 9m, sample: { metric: CpuUtilizationPercentage, time: 4m, value: 80 } }
  - { at: 9m, override: { pin: 3, for: 10m, owner: ops, reason: drill } }
expect:
  - { at: 10m, outcome: ScaleOut, reason: ScaleOutRule, profile: default, capacity: 2, observed: { 0: 80 } }
  - { at: 10m30s, capacity: 4 }
decisions: [ { at: 10m, outcome: ScaleOut, from: 2, to: 4 } ]
`;

describe('a file of scale tests', () => {
  test('every key', () => {
    const { tests, problems } = parse(everyKey);
    expect(problems).toEqual([]);
    const [read] = tests;
    const start = Date.UTC(2026, 0, 5);
    const series = { metric: 'cpuutilizationpercentage', resource: target, everyMs: minuteMs };
    expect(read).toMatchObject({
      name: 'scales out above 75',
      file: 'cpu.yaml',
      line: 1,
      capacity: 2,
      start,
      scaling: 30 * secondMs,
      policy: { cooldownFrom: 'lastFiredRule' },
      inputs: [
        {
          ...series,
          dimensions: [
            ['instanceId', 'a'],
            ['Zone', '1'],
          ],
          path: 'test',
          lagMs: 0,
        },
      ],
      events: [
        { at: 7 * minuteMs, kind: 'capacity', instances: 6 },
        { at: 9 * minuteMs, kind: 'sample', origin: series, time: 4 * minuteMs, value: 80 },
        {
          kind: 'override',
          override: {
            kind: 'pin',
            to: 3,
            at: start + 9 * minuteMs,
            until: start + 19 * minuteMs,
            owner: 'ops',
            reason: 'drill',
          },
        },
      ],
      decisions: [{ at: 10 * minuteMs, outcome: 'ScaleOut', from: 2, to: 4 }],
    });
    expect(read?.inputs[0]?.values).toHaveLength(22);
    expect(read?.expect[0]).toEqual({
      at: 10 * minuteMs,
      line: 20,
      outcome: 'ScaleOut',
      reason: 'ScaleOutRule',
      profile: 'default',
      capacity: 2,
      observed: new Map([[0, 80]]),
    });
  });

  test('several are parted by ---, empty places between them do not count', () => {
    const one = 'setting: { name: cpu }\ncapacity: 1\ndecisions: []\n';
    const { tests, problems } = parse(`---\n${one}---\n\n---\nname: second\n${one}---\n`);
    expect(problems).toEqual([]);
    expect(tests.map(({ name, line }) => [name, line])).toEqual([
      ['test 1', 2],
      ['second', 8],
    ]);
  });

  test('one that cannot be read does not keep the others from running', () => {
    const { tests, problems } = parse(`capacity: many\n---\n${everyKey}`);
    expect(tests.map(({ name }) => name)).toEqual(['scales out above 75']);
    expect(problems.map(({ field }) => field)).toEqual(['setting', 'capacity']);
  });

  test('anchors and merge keys spare repetition', () => {
    const text = everyKey
      .replace('- metric', '- &cpu\n    metric')
      .replace('events:', '  - { <<: *cpu, dimensions: { instanceId: b } }\nevents:');
    const [read] = parse(text).tests;
    expect(read?.inputs.map(({ dimensions }) => dimensions.at(-1)?.[1])).toEqual(['1', 'b']);
  });
});

describe('what cannot be read is told with its place', () => {
  const change = (from: string, to: string) => everyKey.replace(from, to);
  test.each([
    [
      change('capacity: 2\n', 'capcity: 2\n'),
      3,
      'capcity',
      'unknown key "capcity" (did you mean "capa',
    ],
    [change('capacity: 2\n', ''), 1, 'capacity', 'missing: expected a whole number'],
    [change('capacity: 2\n', 'capacity: -2\n'), 3, 'capacity', 'expected no less than 0'],
    [change('"50x5 80', '"50y5 80'), 14, 'input[0].values', '"50y5" is no value'],
    [change('every: 1m', 'every: 1 m'), 11, 'input[0].every', '"1 m" is no time: write 10m'],
    [change('path: test', 'path: pusch'), 13, 'input[0].path', '(did you mean "push"?)'],
    [change('resource: target', 'resource: gate'), 9, 'input[0].resource', 'a resource id'],
    [
      change('outcome: ScaleOut, r', 'outcome: ScaledOut, r'),
      20,
      'expect[0].outcome',
      '"ScaleOut"',
    ],
    [change('reason: ScaleOutRule', 'reason: Rule'), 20, 'expect[0].reason', 'expected one of'],
    [change('{ 0: 80 }', '{ cpu: 80 }'), 20, 'expect[0].observed.cpu', 'by rule index'],
    [
      change('{ at: 10m30s, capacity: 4 }', '{ at: 10m30s }'),
      21,
      'expect[1]',
      'nothing is expected',
    ],
    [
      change('{ at: 7m, cap', '{ at: 7m, sample: {}, cap'),
      16,
      'events[0].sample.metric',
      'missing: expected the name',
    ],
    [change('pin: 3, for', 'pin: 3, pause: true, for'), 18, 'events[2].override', 'one of pin'],
    [change('{ at: 7m, capacity: 6 }', '{ at: 7m }'), 16, 'events[0]', 'one of capacity'],
    [change('"2026-01-05T00:00:00Z"', '2026-01-05'), 4, 'start', 'with Z or an offset'],
    [change('2026-01-05T00', '2026-02-30T00'), 4, 'start', 'with Z or an offset'],
    [change('./cpu.json', './gpu.json'), 2, 'setting', './gpu.json cannot be read'],
    [change('./cpu.json', '{ name: gpu }'), 2, 'setting.properties.profiles[0].name', 'empty'],
    [change('cooldownFrom', 'cooldwnFrom'), 6, 'options.cooldwnFrom', 'unknown option'],
    [change('name: scales', 'name: [scales'), 2, '', 'no YAML'],
    [change('capacity: 2\n', 'capacity: 2\ncapacity: 3\n'), 4, '', 'no YAML'],
    [change('at: 10m30s', 'at: 401d'), 21, 'expect[1].at', 'is no time'],
    [change('time: 4m', 'time: 4m, every: 0s'), 17, 'events[1].sample.every', 'too short'],
    ['', 1, '', 'no test in it'],
    ['just a text', 1, '', 'expected a scale test with its keys'],
    ['setting: { name: cpu }\ncapacity: 1', 1, '', 'nothing is expected'],
  ])('%#', (text, line, field, message) => {
    const [problem] = parse(text).problems;
    expect(problem).toMatchObject({ file: 'cpu.yaml', line, field });
    expect(problem?.message).toContain(message);
  });

  test('a run that is too long, and samples that are too many', () => {
    const slow = { metric: 'Cpu', every: '1d', values: '1x401' };
    expect(() => testOf({ input: [slow] })).toThrow('the run takes 401d: at most 400d are run');
    const many = { metric: 'Cpu', every: '1s', values: '1x3000000' };
    expect(() => testOf({ input: [many, many] })).toThrow('6000000 samples: at most 5000000');
  });
});

describe('a test that is written out', () => {
  test('stands in few lines', () => {
    const text = formatScaleTest({
      name: 'flaps',
      setting: './cpu.json',
      capacity: 2,
      input: [{ metric: 'Cpu', every: '1m', values: '50x5' }],
      expect: [{ at: '5m', outcome: 'Hold' }],
    });
    expect(text).toBe(
      [
        'name: flaps',
        'setting: ./cpu.json',
        'capacity: 2',
        'input:',
        '  - metric: Cpu',
        '    every: 1m',
        '    values: 50x5',
        'expect:',
        '  - { at: 5m, outcome: Hold }',
        '',
      ].join('\n'),
    );
  });

  test('is read back as it was', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const read = testOf(document);
        expect(read.name).toBe(document.name);
        expect(read.capacity).toBe(document.capacity);
        expect(read.inputs.map(({ metric }) => metric)).toEqual(
          document.input.map(({ metric }) => metric.toLowerCase()),
        );
        expect(read.inputs.map(({ values }) => [...values])).toEqual(
          document.input.map(({ values }) => [Number(values)]),
        );
        expect(read.expect.map(({ profile }) => profile)).toEqual(
          document.expect.map(({ profile }) => profile),
        );
      }),
    );
  });
});

/** Names that YAML has to quote in every way it knows. */
const word = fc
  .oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom('null', '1', '# no', '- a: b'))
  .filter((text) => text.trim() !== '' && !/\p{Cc}/u.test(text));

const documents = fc.record({
  name: word,
  capacity: fc.nat(100),
  input: fc.array(
    fc.record({ metric: word, every: fc.constant('1m'), values: fc.nat(9).map(String) }),
    { maxLength: 3 },
  ),
  expect: fc.array(fc.record({ at: fc.constant('5m'), profile: word }), { maxLength: 3 }),
}) satisfies fc.Arbitrary<Partial<ScaleTestDocument>>;
