import { describe, expect, test } from '@jest/globals';
import { minuteMs } from '../lang/instant.ts';
import { targetId } from '../lang/target.ts';
import type { CapacityLimits, Profile, Rule } from '../setting/autoscale-setting.ts';
import type { LocalTime } from '../setting/schedule.ts';
import { endOf, endpoint, findingsOf, on, profileOf, settingOf, weekly } from './lint.fixture.ts';

const pair = [on('cpu > 70 out 1'), on('cpu < 30 in 1')];

/** What lint has to say about one default profile, `severity rule`. */
function about(rules: readonly Rule[], limits: Partial<CapacityLimits> = {}): readonly string[] {
  return findingsOf(settingOf(profileOf(rules, limits))).map(
    ({ severity, rule }) => `${severity} ${rule}`,
  );
}

describe('a setting that is as it should be', () => {
  test.each<[string, readonly Rule[], Partial<CapacityLimits>]>([
    ['out and in on one metric', pair, {}],
    ['a fixed count without rules', [], { maximum: 2 }],
    ['+2 and −1', [on('cpu > 70 out 2'), on('cpu < 25 in 1')], {}],
    [
      'a latency of the endpoint, of one deployment',
      [
        ...pair,
        ...['RequestLatency > 600 out 1', 'RequestLatency < 100 in 1'].map((text) =>
          on(text, {
            resource: endpoint,
            dimensions: [{ name: 'Deployment', operator: 'Equals', values: ['blue'] }],
          }),
        ),
      ],
      {},
    ],
  ])('%s', (_, rules, limits) => {
    expect(about(rules, limits)).toEqual([]);
  });
});

describe('rules that do not say what is meant', () => {
  test.each<[string, readonly Rule[], readonly string[]]>([
    [
      "Microsoft's ML sample: a scale-in rule that increases",
      [on('cpu > 70 out 2'), on('cpu < 30 out 1')],
      ['error wrong-direction', 'warning no-scale-in'],
    ],
    [
      'a rule that takes away under load',
      [on('cpu > 70 in 1'), on('cpu > 90 out 1'), on('cpu < 20 in 1')],
      ['error wrong-direction', 'error scale-in-never'],
    ],
    [
      'a threshold above 100 %',
      [on('cpu > 100 out 1'), on('cpu < 30 in 1')],
      ['error never-fires'],
    ],
    [
      'a threshold that is always passed',
      [on('cpu >= 0 out 1'), on('cpu < 30 in 1')],
      ['error always-fires', 'error scale-in-never'],
    ],
    ['an in rule below 0 %', [on('cpu > 70 out 1'), on('cpu < 0 in 1')], ['error never-fires']],
    [
      'in rules that exclude each other',
      [on('cpu > 90 out 1'), on('cpu < 20 in 1'), on('cpu > 40 in 1')],
      ['error wrong-direction', 'error scale-in-never'],
    ],
    [
      'a count below the minimum',
      [on('cpu > 70 out to 2'), on('cpu < 30 in 1')],
      ['error action-without-effect'],
    ],
    [
      'a count above the maximum',
      [on('cpu > 70 out to 9'), on('cpu < 30 in 1')],
      ['warning scale-out-overshoots', 'note count-beyond-bounds'],
    ],
    ['golden 30: only an out rule', [on('cpu > 70 out 1')], ['warning no-scale-in']],
    ['only an in rule', [on('cpu < 30 in 1')], ['warning no-scale-out']],
    ['no rule within bounds that leave a choice', [], ['note no-rules']],
    [
      'golden 29: memory scales out, and in rules look at the CPU only',
      [...pair, on('CpuMemoryUtilizationPercentage > 90 out 1')],
      ['note unpaired-metric'],
    ],
    [
      'a higher threshold that adds no more',
      [...pair, on('cpu > 90 out 1')],
      ['warning shadowed-rule'],
    ],
    [
      'an in rule that another one implies',
      [...pair, on('cpu < 40 in 2')],
      ['warning shadowed-rule'],
    ],
    [
      'a count without a direction',
      [on('cpu > 70 to 4'), on('cpu < 30 in 1')],
      ['note exact-count-without-direction'],
    ],
  ])('%s', (_, rules, expected) => {
    expect(about(rules)).toEqual(expected);
  });

  test('a higher threshold that adds more is not shadowed', () => {
    expect(about([...pair, on('cpu > 90 out 2')], { minimum: 3 })).toEqual([]);
  });

  test('nor one that waits a shorter time', () => {
    expect(about([...pair, on('cpu > 90 out 1', {}, 15)])).toEqual([]);
  });

  test('of a metric that is not known, "low adds" alone may be meant', () => {
    const other = {
      ...settingOf(profileOf([on('FreeMemory < 10 out 1'), on('FreeMemory > 40 in 1')])),
    };
    const found = findingsOf(other).map(({ rule }) => rule);
    expect(found).not.toContain('wrong-direction');
  });

  test('golden 32: max = min with rules', () => {
    expect(about(pair, { minimum: 2, maximum: 2 })).toEqual(['warning max-is-min']);
  });

  test('golden 70: an average divided by the instances', () => {
    const divided = on('cpu > 20 out 1', { dividePerInstance: true });
    expect(about([divided, on('cpu < 5 in 1', { dividePerInstance: true })])).toContain(
      'warning divided-average',
    );
  });
});

describe('bounds that the target does not take', () => {
  test.each<[string, Partial<CapacityLimits>, readonly string[]]>([
    ['0 instances of a deployment', { minimum: 0 }, ['warning minimum-of-deployment']],
    ['51 instances', { maximum: 51 }, ['note maximum-of-deployment']],
  ])('%s', (_, limits, expected) => {
    expect(about(pair, limits)).toEqual(expected);
  });

  test('counts that are no rung of the ladder', () => {
    const found = findingsOf(settingOf(profileOf(pair)), { capacityLadder: [1, 2, 4, 8] });
    expect(found.map(({ rule, field }) => `${rule} ${field}`)).toEqual([
      'count-off-ladder properties.profiles[0].capacity.maximum',
      'count-off-ladder properties.profiles[0].rules[0].scaleAction.type',
      'count-off-ladder properties.profiles[0].rules[1].scaleAction.type',
    ]);
  });

  test('a next value where the bounds hold one rung only', () => {
    const next = pair.map((rule) => ({
      ...rule,
      action: { ...rule.action, type: 'ServiceAllowedNextValue' as const },
    }));
    const found = findingsOf(settingOf(profileOf(next, { maximum: 3 })), {
      capacityLadder: [1, 2, 4],
    });
    expect(found.map(({ rule }) => rule)).toContain('action-without-effect');
  });
});

describe('windows, grains and cooldowns', () => {
  test.each<[string, Partial<Rule['trigger']>, readonly string[]]>([
    [
      'a window that cuts a grain',
      { timeWindowMs: 5 * minuteMs, timeGrainMs: 2 * minuteMs },
      ['note window-not-whole-grains', 'note window-not-whole-grains'],
    ],
    [
      'a grain that holds one sample, then two',
      { timeWindowMs: 3 * minuteMs, timeGrainMs: 1.5 * minuteMs },
      ['note grain-not-whole-samples', 'note grain-not-whole-samples'],
    ],
  ])('%s', (_, over, expected) => {
    expect(about([on('cpu > 70 out 1', over), on('cpu < 30 in 1', over)])).toEqual(expected);
  });

  test('a window and a grain shorter than the grain of the metric', () => {
    const queues = targetId(
      '/subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/a/queueServices/default',
    );
    const rules = ['QueueMessageCount > 100 out 1', 'QueueMessageCount < 10 in 1'].map((text) =>
      on(text, { resource: queues }),
    );
    expect(about(rules)).toEqual([
      'error grain-finer-than-metric',
      'error grain-finer-than-metric',
    ]);
  });

  test('a cooldown shorter than the window', () => {
    const over = { timeWindowMs: 30 * minuteMs };
    expect(about([on('cpu > 70 out 1', over), on('cpu < 30 in 1', over)])).toEqual([
      'note cooldown-shorter-than-window',
    ]);
  });

  test('a cooldown shorter than a deployment takes to scale', () => {
    expect(about([on('cpu > 70 out 1', {}, 5), on('cpu < 30 in 1')])).toEqual([
      'note cooldown-shorter-than-scaling',
    ]);
  });
});

describe('metrics that do not arrive', () => {
  const metrics = (texts: readonly string[], over: Partial<Rule['trigger']> = {}, path?: string) =>
    findingsOf(
      settingOf(profileOf(texts.map((text) => on(text, over)))),
      {},
      path === undefined ? {} : { path },
    ).map(({ severity, rule, fix }) => ({ is: `${severity} ${rule}`, fix }));

  test('a name that the resource type does not have', () => {
    const [found] = metrics(['CpuUtilisation > 70 out 1', 'CpuUtilisation < 30 in 1']);
    expect(found).toEqual({
      is: 'warning unknown-metric',
      fix: 'Check the name. Did you mean CpuUtilizationPercentage?',
    });
  });

  test('RequestLatency is a metric of the endpoint', () => {
    const [found] = metrics(['RequestLatency > 70 out 1', 'RequestLatency < 30 in 1']);
    expect(found?.is).toBe('warning unknown-metric');
    expect(found?.fix).toMatch('set metricResourceUri to the endpoint');
  });

  const requests = ['RequestsPerMinute > 700 out 1', 'RequestsPerMinute < 300 in 1'];
  test.each([
    [undefined, ['note metric-not-exported']],
    ['export', ['error metric-not-exported']],
    ['push', []],
    ['poll', []],
  ])('RequestsPerMinute over the path %s', (path, expected) => {
    expect(metrics(requests, {}, path).map(({ is }) => is)).toEqual(expected);
  });

  test('a dimension that the metric does not have', () => {
    const dimensions = [{ name: 'Colour', operator: 'Equals' as const, values: ['red'] }];
    const texts = ['cpu > 70 out 1', 'cpu < 30 in 1'];
    expect(metrics(texts, { dimensions }).map(({ is }) => is)).toEqual([
      'warning unknown-dimension',
    ]);
  });

  test('a dimension over a path that adds up over dimensions', () => {
    const dimensions = [{ name: 'instanceId', operator: 'Equals' as const, values: ['a'] }];
    const texts = ['cpu > 70 out 1', 'cpu < 30 in 1'];
    expect(metrics(texts, { dimensions }, 'export').map(({ is }) => is)).toEqual([
      'warning dimension-not-exported',
    ]);
  });

  test("an endpoint's metric without a filter on the deployment", () => {
    const texts = ['RequestLatency > 600 out 1', 'RequestLatency < 100 in 1'];
    expect(metrics(texts, { resource: endpoint }).map(({ is }) => is)).toEqual([
      'warning endpoint-metric-unfiltered',
    ]);
  });

  test('of a resource type that is not known here it says no more than that', () => {
    const site = targetId('/subscriptions/s/providers/Microsoft.Web/serverfarms/p');
    const texts = ['CpuPercentage > 70 out 1', 'CpuPercentage < 30 in 1'];
    expect(metrics(texts, { resource: site }).map(({ is }) => is)).toEqual([
      'note unknown-resource-type',
    ]);
  });
});

describe('thresholds that flap', () => {
  const close = (low: number, limits: Partial<CapacityLimits>) =>
    findingsOf(settingOf(profileOf([on('cpu > 80 out 1'), on(`cpu < ${low} in 1`)], limits)));

  test('golden 20: 80/60 in steps of one, the worst from 2 instances to 1', () => {
    const [found] = close(60, { minimum: 1, maximum: 10, default: 1 });
    expect(found).toMatchObject({
      rule: 'thresholds-flap',
      severity: 'warning',
      field: 'properties.profiles[0].rules[1].metricTrigger.threshold',
      trace: {
        capacity: 2,
        input: [{ metric: 'CpuUtilizationPercentage', every: '1m', values: '50x5' }],
        expect: [{ at: '5m', outcome: 'Hold', reason: 'Flapping', capacity: 2 }],
      },
    });
    expect(found?.why).toMatch('It can happen with 2 to 3 instances.');
    // 120 % is no threshold of a percentage.
    expect(found?.fix).toBe(
      'Either lower the in threshold to at most 40 (80 × 1/2), or raise the minimum.',
    );
  });

  test.each([
    [60, 2, 3],
    [54, 2, 3],
    [53, 2, undefined],
    [41, 1, 2],
    [40, 1, undefined],
    [60, 3, undefined],
  ])('80/%d from a minimum of %d is worst at %p instances', (low, minimum, worst) => {
    const found = close(low, { minimum, default: minimum, maximum: 10 });
    expect(found.find(({ rule }) => rule === 'thresholds-flap')?.trace?.capacity).toBe(worst);
  });

  test('what the fix says is enough', () => {
    const found = close(53.3333, { minimum: 2, maximum: 10 });
    expect(found).toEqual([]);
  });
});

describe('schedules', () => {
  const rules = pair;
  const weekend = profileOf(rules, { maximum: 3 }, 'Weekend', weekly([6, 0], '06:00'));
  const plain = profileOf(rules);
  const end = profileOf(rules, {}, endOf('Weekend'), weekly([6, 0], '19:00'));
  const about = (...profiles: readonly Profile[]) =>
    findingsOf(settingOf(...profiles)).map(
      ({ severity, rule, field }) => `${severity} ${rule} ${field}`,
    );

  test('a recurring profile with its end copy is as it should be', () => {
    expect(about(plain, weekend, end)).toEqual([]);
  });

  test('golden 53: without an end copy the default never runs', () => {
    const [found] = findingsOf(settingOf(plain, weekend));
    expect(found).toMatchObject({
      rule: 'default-never-runs',
      severity: 'warning',
      field: 'properties.profiles[0]',
      trace: { input: [], expect: [{ at: '1m', profile: 'Weekend' }] },
    });
  });

  test('one of two without an end', () => {
    const weekday = profileOf(rules, { maximum: 9 }, 'Weekday', weekly([1, 3], '08:00'));
    expect(about(plain, weekend, end, weekday)).toEqual([
      'warning profile-without-end properties.profiles[3]',
    ]);
  });

  test('golden 52: an end a minute before the next start', () => {
    const night = profileOf(rules, { maximum: 3 }, 'Sunday', weekly([0], '00:00'));
    const evening = profileOf(rules, { maximum: 4 }, 'Saturday', weekly([6], '06:00'));
    const ends = [
      profileOf(rules, {}, endOf('Saturday'), weekly([6], '23:59')),
      profileOf(rules, {}, endOf('Sunday'), weekly([0], '23:59')),
    ];
    expect(about(plain, evening, night, ...ends)).toEqual([
      'warning one-minute-gap properties.profiles[3].recurrence.schedule',
    ]);
  });

  test('two starts at the same minute', () => {
    const other = profileOf(rules, { maximum: 4 }, 'Other', weekly([0], '06:00'));
    const otherEnd = profileOf(rules, {}, endOf('Other'), weekly([0], '20:00'));
    expect(about(plain, weekend, end, other, otherEnd)).toEqual([
      'warning same-start properties.profiles[3].recurrence.schedule',
    ]);
  });

  test('an hour that the clock skips, and one that it shows twice', () => {
    const berlin = weekly([0], '02:30', 'Europe/Berlin');
    const sunday = profileOf(rules, { maximum: 3 }, 'Sunday', berlin);
    const over = profileOf(rules, {}, endOf('Sunday'), weekly([0], '19:00', 'Europe/Berlin'));
    const found = findingsOf(settingOf(plain, sunday, over));
    expect(found.map(({ rule, title }) => `${rule}: ${title}`)).toEqual([
      'dst-skipped: The clock skips 2026-03-29 02:30 (Europe/Berlin), a time of "Sunday"',
      'dst-repeated: The clock shows 2026-10-25 02:30 (Europe/Berlin), a time of "Sunday", twice',
    ]);
  });

  const day = (text: string) => Date.parse(`${text}Z`) as LocalTime;

  test('a fixed date within an earlier one', () => {
    const dated = (name: string, start: string, end: string) =>
      profileOf(rules, {}, name, {
        kind: 'fixedDate',
        timeZone: 'Etc/UTC',
        start: day(start),
        end: day(end),
      });
    const week = dated('Week', '2026-11-23T00:00', '2026-11-30T00:00');
    const friday = dated('Friday', '2026-11-27T00:00', '2026-11-28T00:00');
    expect(about(plain, week, friday)).toEqual([
      'error covered-date properties.profiles[2].fixedDate',
    ]);
    expect(about(plain, friday, week)).toEqual([]);
  });

  test('a fixed date that is over', () => {
    const schedule = {
      kind: 'fixedDate' as const,
      timeZone: 'America/Los_Angeles',
      start: day('2025-12-26T00:00'),
      end: day('2025-12-26T23:59'),
    };
    expect(about(plain, profileOf(rules, {}, 'Boxing day', schedule))).toEqual([
      'note profile-over properties.profiles[1].fixedDate.end',
    ]);
  });
});

test('errors come first, then warnings, then notes', () => {
  const rules = [on('cpu > 70 to 4'), on('cpu < 0 in 1'), on('cpu > 90 out 1', {}, 21)];
  const found = findingsOf(settingOf(profileOf(rules, { minimum: 0 })));
  const order = found.map(({ severity }) => ['error', 'warning', 'note'].indexOf(severity));
  expect(order).toEqual([...order].sort());
  expect(new Set(order).size).toBe(3);
});

test('a copy of the default that says the same is not told twice', () => {
  const rules = [on('cpu > 70 out 1')];
  const copy = profileOf(rules, {}, endOf('Weekend'), weekly([6], '19:00'));
  const weekend = profileOf([], { maximum: 2 }, 'Weekend', weekly([6], '06:00'));
  const found = findingsOf(settingOf(profileOf(rules), weekend, copy));
  expect(found.map(({ rule, field }) => `${rule} ${field}`)).toEqual([
    'no-scale-in properties.profiles[0].rules',
  ]);
});
