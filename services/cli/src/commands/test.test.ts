import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instant } from '@headroom/core';
import { run, useFolder } from './ran.fixture.ts';

/** `headroom test`, as somebody types it. The example of the documentation is the test that is run. */
const page = join(import.meta.dirname, '../../../../docs/scale-tests.md');
const current = useFolder();
let example = '';

beforeAll(async () => {
  example = /```yaml\n([^`]+)```/.exec(await readFile(page, 'utf8'))?.[1] ?? '';
});

const headroom = (...args: readonly string[]) => run(args, () => instant(0));
const fileOf = (name: string, text: string) => current().fileOf(name, text);

const failing = () =>
  example.replace('at: 10m, outcome: ScaleOut, reason', 'at: 9m, outcome: ScaleOut, reason');

describe('headroom test', () => {
  test('one line a test, and a summary', async () => {
    const file = await fileOf(
      'cpu.yaml',
      `${example}---\n${example.replace(/^name: .*/, 'name: again')}`,
    );
    const second = example.split('\n').length + 1;
    expect(await headroom('test', file)).toEqual({
      code: 0,
      out: [
        `✓ scales out above 75, and waits for its cooldown  ${file}:1, 0 ms`,
        `✓ again  ${file}:${second}, 0 ms`,
        '2 tests, 2 passed, 0 failed',
        '',
      ].join('\n'),
      err: '',
    });
  });

  test('a failure says what differs, why, and what happened around it', async () => {
    const file = await fileOf('failing.yaml', failing());
    const { code, out, err } = await headroom('test', file);
    expect([code, err]).toEqual([1, '']);
    const lines = out.split('\n').map((line) => line.trim());
    expect(lines[0]).toBe(`✗ scales out above 75, and waits for its cooldown  ${file}:1, 0 ms`);
    expect(lines).toEqual(
      expect.arrayContaining([
        'outcome      expected ScaleOut, found Hold',
        'reason       expected ScaleOutRule, found NotTriggered',
        'observed[0]  expected 80, found 74',
        'profile: default: 2 to 10, default 2',
        expect.stringMatching(/^9m +2 {2}cpuutilizationpercentage 80$/),
        expect.stringMatching(/^9m +2 {2}Hold NotTriggered \(default\): Cpu\S+ 74 > 75 not; /),
        expect.stringMatching(/^9m +──── expected here$/),
        expect.stringMatching(/^10m +2 {2}ScaleOut ScaleOutRule 2 → 4 \(default\): /),
        '1 test, 0 passed, 1 failed',
      ]),
    );
  });

  test('other decisions than those listed are a diff', async () => {
    const file = await fileOf(
      'decisions.yaml',
      example.replace('from: 4, to: 3', 'from: 4, to: 2'),
    );
    const { out } = await headroom('test', file);
    expect(out).toContain(
      [
        '    decisions  - expected, + found',
        '        10m ScaleOut 2 → 4 ScaleOutRule',
        '      - 18m ScaleIn 4 → 2',
        '      + 18m ScaleIn 4 → 3 ScaleInRule',
      ].join('\n'),
    );
  });

  test('a setting is found beside the file', async () => {
    const { setting, rest } = apart(example);
    await fileOf('exported.json', `\uFEFF${JSON.stringify(setting)}`);
    const file = await fileOf('beside.yaml', rest('setting: ./exported.json'));
    expect((await headroom('test', file)).out).toContain('1 test, 1 passed');
  });

  test.each([
    [
      'capacity: 2',
      'capcity: 2',
      /:\d+: capcity: unknown key "capcity" \(did you mean "capacity"\?\)/,
    ],
    [
      '"10", default',
      '"1", default',
      /:\d+: setting\.properties\.profiles\[0\]\.capacity\.maximum: /,
    ],
    ['scaling: 30s', 'options: { cooldownFrom: mine }', /:\d+: options\.cooldownFrom: /],
  ])('what cannot be read is named: %s → %s', async (from, to, message) => {
    const file = await fileOf('unreadable.yaml', `${example.replace(from, to)}---\n${example}`);
    const { code, out, err } = await headroom('test', file);
    expect([code, err.startsWith(`${file}:`)]).toEqual([1, true]);
    expect(err).toMatch(message);
    expect(out).toMatch(/1 test, 1 passed, 0 failed, [12] problems? in what could not be read/);
  });

  test.each([
    ['a file that is not there', 'nowhere.yaml', undefined, 'cannot be read: ENOENT'],
    ['a setting that is not there', 'a.yaml', './nowhere.json', 'nowhere.json cannot be read: '],
    ['a setting that is no JSON', 'b.yaml', './b.yaml', 'b.yaml is no JSON: '],
  ])('%s', async (_what, name, setting, message) => {
    const path = join(current().folder, name);
    if (setting !== undefined) await fileOf(name, apart(example).rest(`setting: ${setting}`));
    const { code, err } = await headroom('test', path);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});

describe('headroom test --junit', () => {
  test('writes suites, cases, failures and errors', async () => {
    const good = await fileOf('good.yaml', example);
    const mixed = await fileOf(
      'a<&"\'b.yaml',
      `${failing().replace(/^name: .*/, 'name: "5 < 6 & \\"so on\\" ]]> é"')}---\ncapacity: 1\n`,
    );
    const junit = join(current().folder, 'results.xml');
    expect((await headroom('test', good, mixed, '--junit', junit)).code).toBe(1);
    const xml = await readFile(junit, 'utf8');
    expect(problemOf(xml)).toBeUndefined();
    expect(xml).toContain('<testsuites name="headroom test" tests="3" failures="1" errors="1"');
    expect(xml).toContain('<testcase name="5 &lt; 6 &amp; &quot;so on&quot; ]]&gt; é"');
    expect(xml).toContain('<failure message="not as expected">');
    expect(xml).toMatch(/<error message="[^"]+setting: missing: expected the path/);
  });

  test('a place that cannot be written to is named', async () => {
    const file = await fileOf('good.yaml', example);
    const { code, err } = await headroom(
      'test',
      file,
      '--junit',
      join(current().folder, 'no', 'where.xml'),
    );
    expect(code).toBe(1);
    expect(err).toContain('the results cannot be written to');
  });

  test('the check for well-formed XML finds what is not', () => {
    expect(problemOf('<?xml version="1.0"?>\n<a b="1"><c/>x &amp; y</a>\n')).toBeUndefined();
    expect(problemOf('<a><b></a>')).toContain('</a>');
    expect(problemOf('<a>x & y</a>')).toContain('&');
    expect(problemOf('<a b=1/>')).toContain('<a b=1/>');
    expect(problemOf('<a>\u0007</a>')).toContain('\\u0007');
  });
});

/** The example's setting as an object, and the rest with another one. */
function apart(text: string) {
  const begin = text.indexOf('setting:');
  const end = text.indexOf('\ncapacity: 2');
  const target = /targetResourceUri: &blue (\S+)/.exec(text)?.[1] ?? '';
  const trigger = (operator: string, threshold: number) => ({
    ...{ metricName: 'CpuUtilizationPercentage', metricResourceUri: target, timeGrain: 'PT1M' },
    ...{
      statistic: 'Average',
      timeWindow: 'PT5M',
      timeAggregation: 'Average',
      operator,
      threshold,
    },
  });
  const action = (direction: string, value: string) => ({
    ...{ direction, type: 'ChangeCount', value, cooldown: 'PT5M' },
  });
  const rules = [
    { metricTrigger: trigger('GreaterThan', 75), scaleAction: action('Increase', '2') },
    { metricTrigger: trigger('LessThan', 30), scaleAction: action('Decrease', '1') },
  ];
  const capacity = { minimum: '2', maximum: '10', default: '2' };
  const profiles = [{ name: 'default', capacity, rules }];
  const properties = { enabled: true, targetResourceUri: target, profiles };
  return {
    setting: { location: 'westeurope', properties },
    rest: (setting: string) => `${text.slice(0, begin)}${setting}${text.slice(end)}`,
  };
}

/** What keeps a text from being well-formed XML: tags in pairs, quoted attributes, known entities, no control characters. */
function problemOf(xml: string): string | undefined {
  const controls = /[^\t\n\r\P{Cc}]/u.exec(xml)?.[0];
  if (controls !== undefined) return `\\u${controls.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const body = xml.replace(/^<\?xml [^?]*\?>/, '');
  const open: string[] = [];
  const text = String.raw`(?:[^<>&"]|&(?:amp|lt|gt|quot|apos|#\d+);)*`;
  const tag = new RegExp(`^<(/?)([a-z]+)((?: [a-z]+="${text}")*)(/?)>$`);
  for (const part of body.split(/(<[^>]*>)/)) {
    const match = tag.exec(part);
    if (match === null) {
      if (!new RegExp(`^${text}$`).test(part)) return part;
      continue;
    }
    const [, closing, name = '', , alone] = match;
    if (closing === '/') {
      if (open.pop() !== name) return part;
    } else if (alone === '') open.push(name);
  }
  return open.length === 0 ? undefined : `not closed: ${open.join()}`;
}

describe('a test of limits', () => {
  let text = '';
  beforeAll(async () => {
    text = /```yaml\n(name: climbs while[^`]+)```/.exec(await readFile(page, 'utf8'))?.[1] ?? '';
  });

  test('the example of the page passes', async () => {
    const { code, out } = await headroom('test', await fileOf('limits.yaml', text));
    expect(out).toContain('✓ climbs while calls are blocked');
    expect(code).toBe(0);
  });

  test('a failure names the limit, and speaks of calls a second', async () => {
    const other = text.replace('reason: Throttled, limit: 14.7', 'limit: 20');
    const { code, out } = await headroom('test', await fileOf('limits.yaml', other));
    expect(code).toBe(1);
    expect(out).toContain('at 10m, limit default');
    expect(out).toMatch(/limit +expected 20, found 14\.7/);
    expect(out).toMatch(/time +calls\/s +what/);
    expect(out).toMatch(
      /10m +14\.7 +default: ScaleOut Throttled 10 → 14\.7: 6000 calls answered 429/,
    );
  });
});
