import { describe, expect, test } from '@jest/globals';
import { after, defaultPolicy, hourMs, minuteMs } from '@headroom/core';
import type { TargetHistory } from '../history/target-history.ts';
import { backtest, backtestOwn } from './backtest.ts';
import type { Backtested, BacktestRun } from './backtested.ts';
import type { BacktestOptions } from './options.ts';
import { cpu, historyOf, sampleOf, settingOf, start } from './recorded-world.fixture.ts';
import type { RuleChoice, World } from './recorded-world.fixture.ts';

const policy = defaultPolicy;

/** Per cent of one instance: so many minutes of each. */
function demandOf(...parts: readonly (readonly [minutes: number, demand: number])[]) {
  return parts.flatMap(([minutes, demand]) => Array<number>(minutes).fill(demand));
}

const quiet = demandOf([120, 100], [180, 400], [180, 100]);

function recorded(world: Partial<World> = {}): TargetHistory {
  const { setting = settingOf(), demand = quiet, capacity = 2 } = world;
  return historyOf({
    lagMs: minuteMs,
    provisioningMs: 4 * minuteMs,
    ...world,
    setting,
    demand,
    capacity,
  });
}

function run(result: Backtested): BacktestRun {
  if (result.kind === 'refused') throw new Error(result.why);
  return result.run;
}

function why(result: Backtested): string {
  if (result.kind === 'run') throw new Error('not refused');
  return result.why;
}

function tried(history: TargetHistory, rules: readonly RuleChoice[], options?: BacktestOptions) {
  return backtest(history, { setting: settingOf(rules), policy }, options);
}

describe('a setting over its own history', () => {
  test('does what is on record, at the same instances', () => {
    const history = recorded();
    const { capacities, figures, models, assumptions } = run(backtestOwn(history, policy));
    expect(capacities).toEqual(history.capacities);
    expect(figures.scaleOuts).toBe(
      history.events.filter(({ kind, from = 0, to = 0 }) => kind === 'ScaleStarted' && to > from)
        .length,
    );
    expect(models.map(({ metric, model }) => [metric, model])).toEqual([[cpu, 'shared']]);
    expect(assumptions).toEqual([
      expect.stringContaining('a scale-out takes 4 min'),
      'metrics are there 1 min after their grain has ended',
    ]);
  });

  test('is refused where the record has other instances, with both figures', () => {
    const byHand = recorded({ setting: settingOf([]), capacity: 9 });
    const other = { ...byHand, setting: settingOf() };
    expect(why(backtestOwn(other, policy))).toMatch(
      /comes out at [\d.]+ instance-hours where [\d.]+ are on record/,
    );
  });
});

test('a target without instances all the time is its own history', () => {
  const setting = settingOf([{ above: 70 }], [0, 5]);
  const none = { ...recorded({ setting }), capacities: [{ at: start, instances: 0 }] };
  expect(run(backtestOwn(none, policy)).figures.instanceHours).toBe(0);
});

describe('another setting', () => {
  test('with a lower threshold has more instances, and its load is less of each', () => {
    const history = recorded();
    const current = run(backtestOwn(history, policy));
    const eager = run(tried(history, [{ above: 45 }, { below: 20 }]));
    expect(eager.figures.instanceHours).toBeGreaterThan(current.figures.instanceHours);
    expect(Math.max(...eager.capacities.map(({ instances }) => instances))).toBeGreaterThanOrEqual(
      9,
    );
  });

  test('is measured by the thresholds of the yardstick', () => {
    const history = recorded();
    const [own, common] = [undefined, history.setting].map(
      (yardstick) =>
        run(tried(history, [{ above: 45 }, { below: 20 }], yardstick && { yardstick })).figures,
    );
    expect(common!.instanceHours).toBe(own!.instanceHours);
    expect(common!.overThresholdMs).toBeLessThan(own!.overThresholdMs);
  });

  test('goes on from the capacity on record, and is held by its bounds', () => {
    const history = recorded({ demand: demandOf([60, 900]), capacity: 4 });
    const setting = settingOf([{ above: 70 }, { below: 30 }], [1, 5]);
    const { capacities, figures } = run(backtest(history, { setting, policy }));
    expect(capacities.map(({ instances }) => instances)).toEqual([4, 5]);
    const atFive = history.to - capacities[1]!.at;
    expect(figures.atMaximumMs).toBe(atFive);
    // From the first sample on, which comes at minute 2, to the very end.
    expect(figures.overThresholdMs).toBe(58 * minuteMs);
    expect(figures.instanceHours).toBeCloseTo((4 * (hourMs - atFive) + 5 * atFive) / hourMs, 9);
  });

  test('that undoes what it did within an hour flaps', () => {
    const saw = Array.from({ length: 8 }, () => demandOf([20, 100], [20, 500])).flat();
    const history = recorded({ demand: saw });
    const { figures } = run(
      tried(history, [
        { above: 60, by: 3 },
        { below: 40, by: 2 },
      ]),
    );
    expect(figures.flaps).toBeGreaterThan(4);
    expect(figures.flaps).toBeLessThan(figures.scaleOuts + figures.scaleIns);
  });
});

describe('what is assumed', () => {
  test('is the time of operations: stated, on record, or a guess that is called one', () => {
    const history = recorded();
    const text = (options: BacktestOptions, events = history.events) =>
      run(backtest({ ...history, events }, { setting: history.setting, policy }, options))
        .assumptions[0];
    expect(text({ provisioningMs: 90_000 })).toBe('an operation takes 1 min 30 s, as stated');
    expect(text({})).toMatch(/^a scale-out takes 4 min .* medians of \d+ and \d+ on record$/);
    expect(text({}, [])).toMatch(/^an operation takes 5 min: a guess/);
  });

  test('are the instances, where one says so', () => {
    const history = { ...recorded(), capacities: [] };
    const setting = history.setting;
    expect(why(backtest(history, { setting, policy }))).toMatch(/give --capacity N/);
    const { assumptions, capacities } = run(
      backtest(history, { setting, policy }, { capacity: 3 }),
    );
    expect(capacities[0]).toEqual({ at: start, instances: 3 });
    expect(assumptions).toContain('there were 3 instances all the time, as stated');
  });

  test('is that nothing is known of time without instances, with how long it was', () => {
    const history = recorded();
    const pause = [
      { at: after(start, 20 * minuteMs), instances: 0 },
      { at: after(start, 55 * minuteMs), instances: 2 },
    ];
    const [first, ...others] = history.capacities;
    const paused = { ...history, capacities: [first!, ...pause, ...others] };
    const { assumptions } = run(backtest(paused, { setting: history.setting, policy }));
    expect(assumptions).toContainEqual(
      'no instance is on record for 35 min: no metric comes then, and a count below the default rises to it',
    );
  });

  test('is told of values near 100, which hide demand', () => {
    const history = recorded({ demand: demandOf([60, 100], [60, 2000]) });
    const { models } = run(backtestOwn(history, policy));
    expect(models[0]?.text).toMatch(/% of the recorded values are at 95 % or more/);
  });

  test('a span without anything in it is refused', () => {
    const history = recorded();
    const result = tried(history, [{ above: 70 }], { from: after(history.to, hourMs) });
    expect(why(result)).toMatch(/has nothing between .* it reaches from/);
  });
});

describe('metrics', () => {
  const others = (demand: number, instances: number) => ({
    RequestsPerMinute: demand * 10,
    CpuMemoryUtilizationPercentage: 40,
    ActiveMessageCount: demand,
    Widgets: demand,
    RequestLatency_P90: 20 + 30 / (1 - Math.min(0.97, demand / instances / 110)),
    RequestLatency_P99: 20 + 900 * Math.abs(Math.sin(demand * instances)),
  });
  const wave = Array.from({ length: 900 }, (_, minute) => 200 + 150 * Math.sin(minute / 40));
  const history = recorded({ demand: wave, others });
  const modelOf = (metric: string, options?: BacktestOptions) =>
    run(tried(history, [{ metric, above: 1e9 }], options)).models[0];
  const refusal = (metric: string, change = {}) =>
    why(tried(history, [{ metric, above: 1e9, change }]));

  test('that are totals stay what they were, divided by the instances that there would be', () => {
    expect(modelOf('RequestsPerMinute')).toMatchObject({ model: 'independent' });
    const change = { dividePerInstance: true };
    const rules = [
      { metric: 'RequestsPerMinute', above: 700, change },
      { metric: 'RequestsPerMinute', below: 400, change },
    ];
    const { capacities } = run(tried(history, rules));
    // 3,500 calls at the crest: more than 700 for each of four.
    expect(Math.max(...capacities.map(({ instances }) => instances))).toBe(5);
  });

  test('that are latencies follow a curve that is fitted, where it foretells what was held out', () => {
    const model = modelOf('RequestLatency_P90');
    expect(model).toMatchObject({ model: 'fitted' });
    expect(model?.heldOutError).toBeLessThan(0.1);
    expect(model?.text).toMatch(
      /^fitted to cpuutilizationpercentage an instance, with an error of/,
    );
  });

  test('that are latencies are fitted to the load that foretells best before what is held out', () => {
    // The GPU tells all of the first 70 % and little of the rest, where the CPU tells all.
    const samples = history.samples
      .filter(({ series }) => series.metric === cpu.toLowerCase())
      .flatMap((sample, place) => {
        const gpu = sample.total * (1 + 0.3 * Math.sin(place));
        const felt = place < 0.7 * wave.length ? gpu : sample.total;
        const latency = 20 + 30 / (1 - felt / 150);
        const beside = { GpuUtilizationPercentage: gpu, RequestLatency_P95: latency };
        return [
          sample,
          ...Object.entries(beside).map(([metric, value]) => sampleOf(metric, sample.time, value)),
        ];
      });
    const rules = [{ metric: 'RequestLatency_P95', above: 1e9 }];
    expect(run(tried({ ...history, samples }, rules)).models[0]?.text).toMatch(
      /^fitted to gpuutilizationpercentage an instance, with an error of 9\.\d % on the last 30 % /,
    );
  });

  test('that are latencies are refused where it does not, with the error', () => {
    expect(refusal('RequestLatency_P99')).toMatch(
      /RequestLatency_P99: a latency grows as instances fill up.*(% off on the last 30 %|does not grow with)/,
    );
  });

  test.each([
    ['CpuMemoryUtilizationPercentage', {}, /memory and disk are held by what is loaded/],
    ['ActiveMessageCount', {}, /how many messages wait depends on everything/],
    ['Widgets', {}, /how it follows the number of instances is not known/],
    [
      'RequestsPerMinute',
      { dimensions: [{ name: 'statusCode', operator: 'Equals', values: ['429'] }] },
      /how many calls fail depends on how many instances there were/,
    ],
    ['Unheard', {}, /the history has no sample of it in this span/],
  ])('%s is refused with the reason', (metric, change, reason) => {
    expect(refusal(metric, change)).toMatch(reason);
  });

  test('are what somebody says they are', () => {
    expect(refusal('Widgets')).toMatch(/--model "Widgets=shared".*--model "Widgets=independent"/);
    const models = new Map([['widgets', 'shared']] as const);
    expect(modelOf('Widgets', { models })).toMatchObject({ model: 'shared' });
  });

  test('of another resource are not shared by the instances', () => {
    const resource = '/subscriptions/s/resourcegroups/g/providers/p/t/database';
    const sample = sampleOf(cpu, start, 20);
    const series = { ...sample.series, resource };
    const with1 = { ...history, samples: [...history.samples, { ...sample, series }] };
    const result = tried(with1, [{ above: 70, change: { resource } }]);
    expect(why(result)).toMatch(/utilisation of another resource than the one that is scaled/);
  });
});
