import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { MonitorClient } from '@azure/arm-monitor';
import type { MetricSample } from '../../src/index.ts';
import type { RawAnswer, TestArm } from './server.fixture.ts';
import { allOf, errorOf, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NAMESPACE = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';
const ROOT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers`;
const deployment = (name: string): string =>
  `${ROOT}/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/ep/deployments/${name}`;
const BLUE = deployment('blue');
const CPU = 'CpuUtilizationPercentage';

let arm: TestArm;
let client: MonitorClient;
/** The beginning of this minute. */
let start: number;

beforeEach(async () => {
  arm = await startTestArm();
  client = arm.monitor();
  start = Math.floor(arm.now / MINUTE) * MINUTE;
});
afterEach(() => arm.close());

const sample = (minutesAgo: number, value: number, more: object = {}): MetricSample => ({
  resourceId: BLUE,
  namespace: NAMESPACE,
  metric: CPU,
  dimensions: { instanceId: 'i1' },
  timeMs: start - minutesAgo * MINUTE,
  count: 1,
  total: value,
  minimum: value,
  maximum: value,
  ...more,
});

const put = (...samples: MetricSample[]): void => arm.server.control.putMetrics(samples);

const span = (fromMinutesAgo: number, toMinutesAgo = 0): string => {
  const text = (ago: number): string => new Date(start - ago * MINUTE).toISOString();
  return `${text(fromMinutesAgo)}/${text(toMinutesAgo)}`;
};

/** The points of a metric's only series, without their times. */
async function pointsOf(options: Parameters<MonitorClient['metrics']['list']>[1] = {}) {
  const asked = { timespan: span(5), metricnames: CPU, aggregation: 'Average', ...options };
  const { value } = await client.metrics.list(BLUE, asked);
  const [series] = value[0]?.timeseries ?? [];
  return series?.data?.map(({ timeStamp: _, ...numbers }) => numbers);
}

describe('metrics of one resource', () => {
  test('are gathered by the minute, and a minute without a sample is a gap', async () => {
    put(sample(4, 10), sample(4, 30), sample(2, 50));
    const { value, ...answer } = await client.metrics.list(BLUE, {
      timespan: span(5),
      interval: 'PT1M',
      metricnames: CPU,
      aggregation: 'Average,Minimum,Maximum,Total,Count',
    });
    expect(answer).toMatchObject({ interval: 'PT1M', namespace: NAMESPACE, timespan: span(5) });
    const [metric] = value;
    expect(metric).toMatchObject({ name: { value: CPU }, unit: 'Percent', errorCode: 'Success' });
    const at = (ago: number) => ({ timeStamp: new Date(start - ago * MINUTE) });
    const all = { average: 20, minimum: 10, maximum: 30, total: 40, count: 2 };
    const one = { average: 50, minimum: 50, maximum: 50, total: 50, count: 1 };
    expect(metric?.timeseries[0]?.data).toEqual([
      at(5),
      { ...at(4), ...all },
      at(3),
      { ...at(2), ...one },
      at(1),
    ]);
  });

  test('are rolled up to longer intervals, from the start of the timespan on', async () => {
    put(...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((ago) => sample(ago, ago)));
    const total = { aggregation: 'Total,Maximum', timespan: span(10) };
    expect(await pointsOf({ ...total, interval: 'PT5M' })).toEqual([
      { total: 40, maximum: 10 },
      { total: 15, maximum: 5 },
    ]);
    expect(await pointsOf({ ...total, interval: 'FULL' })).toEqual([{ total: 55, maximum: 10 }]);
    expect(await pointsOf({ ...total, interval: 'PT1H' })).toEqual([{ total: 55, maximum: 10 }]);
    const odd = { interval: 'PT2M' };
    expect((await errorOf(pointsOf(odd))).message).toContain('invalid time grain input: PT2M');
    expect(await pointsOf({ ...total, ...odd, autoAdjustTimegrain: true })).toHaveLength(2);
  });

  test('have the primary aggregation and the last hour unless others are asked for', async () => {
    put(sample(30, 7));
    const { value } = await client.metrics.list(BLUE, { metricnames: CPU });
    const data = value[0]?.timeseries[0]?.data ?? [];
    expect(data).toHaveLength(60 + (arm.now > start ? 1 : 0));
    expect(data.filter((each) => each.average !== undefined)).toMatchObject([{ average: 7 }]);
  });

  test('are split by the dimensions of the filter, and aggregated over the others', async () => {
    const of = (instanceId: string, State: string) => ({
      metric: 'DeploymentCapacity',
      dimensions: { instanceId, State },
    });
    put(sample(1, 1, of('i1', 'Ready')), sample(1, 2, of('i2', 'Ready')));
    put(sample(1, 4, of('i1', 'Failed')));
    const totals = async (filter: string | undefined): Promise<unknown> => {
      const { value } = await client.metrics.list(BLUE, {
        timespan: span(1),
        metricnames: 'DeploymentCapacity',
        aggregation: 'Total',
        ...(filter === undefined ? {} : { filter }),
      });
      return value[0]?.timeseries.map(({ metadatavalues, data }) => [
        ...(metadatavalues ?? []).map((each) => each.value),
        data?.[0]?.total,
      ]);
    };
    expect(await totals(undefined)).toEqual([[7]]);
    expect(await totals("State eq '*'")).toEqual([
      ['Failed', 4],
      ['Ready', 3],
    ]);
    expect(await totals("instanceId eq 'I1' and State eq 'ready'")).toEqual([
      ['i1', 'Ready', 1].flat(),
    ]);
    const either = "instanceId eq '*' and (State eq 'Ready' or State eq 'Failed')";
    expect(await totals(either)).toHaveLength(3);
    expect(await totals("State ne 'Ready'")).toEqual([['Failed', 4]]);
    expect(await totals("State sw 'rea'")).toEqual([['Ready', 3]]);
    expect((await errorOf(totals("zone eq 'a'"))).message).toContain('instanceId,State');
    expect(await errorOf(totals("State eq 'a' or instanceId eq 'b'"))).toMatchObject({
      statusCode: 400,
    });
  });

  test('are cut to the first series by order, ten unless told', async () => {
    const samples = Array.from({ length: 12 }, (_, index) =>
      sample(1, index, { dimensions: { instanceId: `i${index}` } }),
    );
    put(...samples);
    const names = async (more: object): Promise<unknown> => {
      const filter = "instanceId eq '*'";
      const asked = { timespan: span(1), metricnames: CPU, filter, ...more };
      const { value } = await client.metrics.list(BLUE, asked);
      return value[0]?.timeseries.map(({ metadatavalues }) => metadatavalues?.[0]?.value);
    };
    expect(await names({})).toHaveLength(10);
    expect(await names({ top: 12 })).toHaveLength(12);
    expect(await names({ top: 2, orderby: 'average desc' })).toEqual(['i11', 'i10']);
    expect(await names({ top: 2, orderby: 'sum asc' })).toEqual(['i0', 'i1']);
    expect(await errorOf(names({ top: 0 }))).toMatchObject({ statusCode: 400 });
  });

  test('can be asked for without data, for the values of their dimensions', async () => {
    put(sample(1, 1), sample(1, 1, { dimensions: { instanceId: 'i2' } }));
    const asked = { metricnames: CPU, filter: "instanceId eq '*'", resultType: 'Metadata' };
    const { value } = await client.metrics.list(BLUE, asked as object);
    expect(value[0]?.timeseries).toHaveLength(2);
    expect(value[0]?.timeseries[0]?.data).toBeUndefined();
  });

  test('without any sample ever have no series', async () => {
    put(sample(1, 1));
    const { value } = await client.metrics.list(BLUE, { metricnames: 'DiskUtilization' });
    expect(value[0]?.timeseries).toEqual([]);
  });

  test('of an unknown name, resource or time are refused', async () => {
    put(sample(1, 1));
    const none = await errorOf(pointsOf({ metricnames: 'Nothing' }));
    expect(none).toMatchObject({ statusCode: 400 });
    expect(none.message).toContain(CPU);
    const absent = client.metrics.list(deployment('none'), { metricnames: CPU });
    expect(await errorOf(absent)).toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
    const long = span((94 * DAY) / MINUTE);
    expect((await errorOf(pointsOf({ timespan: long }))).message).toContain('93 days');
    expect(await errorOf(pointsOf({ timespan: 'yesterday' }))).toMatchObject({ statusCode: 400 });
    expect((await errorOf(pointsOf({ timespan: span(0, 5) }))).message).toContain('not after');
    expect(await errorOf(pointsOf({ rollupby: 'x' }))).toMatchObject({ statusCode: 501 });
  });

  test('are seen as late as a test wants', async () => {
    put(sample(3, 1), sample(2, 2), sample(1, 3));
    arm.server.control.setMetricDelay(2 * MINUTE);
    const averages = async () =>
      (await pointsOf({ timespan: span(3) }))?.map((each) => each.average);
    expect(await averages()).toEqual([1, undefined, undefined]);
    arm.advance(2 * MINUTE);
    expect(await averages()).toEqual([1, 2, 3]);
  });

  test('survive a restart, and are kept for 93 days', async () => {
    put(sample(1, 5));
    await arm.restart();
    expect(await pointsOf({ timespan: span(1) })).toEqual([{ average: 5 }]);
    arm.advance(94 * DAY);
    start += 94 * DAY;
    put(sample(1, 6, { resourceId: deployment('green') }));
    const old = client.metrics.list(BLUE, { metricnames: CPU });
    expect(await errorOf(old)).toMatchObject({ statusCode: 404 });
  });
});

describe('metrics of up to fifty resources', () => {
  const ask = (ids: string[], options: object = {}) => {
    const between = { startTime: new Date(start - 2 * MINUTE), endTime: new Date(start) };
    return arm.metrics().queryResources(ids, [CPU], NAMESPACE, { ...between, ...options });
  };
  const many = (number: number): string[] =>
    Array.from({ length: number }, (_, index) => deployment(`d${index}`));

  test('come in one answer, in the order asked for', async () => {
    const ids = many(50);
    put(...ids.map((resourceId, index) => sample(1, index, { resourceId })));
    const found = await ask(ids, { aggregation: 'average,maximum', interval: 'PT1M' });
    expect(found.map((each) => each.resourceId)).toEqual(ids);
    expect(found[7]).toMatchObject({ namespace: NAMESPACE, granularity: 'PT1M' });
    const data = found[7]?.getMetricByName(CPU)?.timeseries[0]?.data;
    expect(data?.map(({ average, maximum }) => [average, maximum])).toEqual([
      [undefined, undefined],
      [7, 7],
    ]);
  });

  test('are split and cut as those of one', async () => {
    put(sample(1, 1), sample(1, 9, { dimensions: { instanceId: 'i2' } }));
    const split = { filter: "instanceId eq '*'", top: 1, orderBy: 'average desc' };
    const [found] = await ask([BLUE], split);
    expect(found?.metrics[0]?.timeseries).toMatchObject([{ metadatavalues: [{ value: 'i2' }] }]);
  });

  test('are refused for more, and for several types, subscriptions or regions', async () => {
    const ids = many(51);
    put(...ids.map((resourceId) => sample(1, 1, { resourceId })));
    expect((await errorOf(ask(ids))).message).toContain('at most 50');
    const account = `${ROOT}/Microsoft.CognitiveServices/accounts/ai`;
    expect((await errorOf(ask([ids[0]!, account]))).message).toContain('another type');
    const elsewhere = ids[1]!.replace(SUBSCRIPTION, 'another');
    expect((await errorOf(ask([ids[0]!, elsewhere]))).message).toContain('is not in subscription');
    expect((await errorOf(ask([ids[0]!, deployment('none')]))).message).toContain('not found');
    const ml = arm.client();
    for (const [name, location] of [
      ['a', 'westeurope'],
      ['b', 'eastus'],
    ] as const) {
      await ml.workspaces.beginCreateOrUpdateAndWait('rg', name, { location });
    }
    const type = 'Microsoft.MachineLearningServices/workspaces';
    const spaces = ['a', 'b'].map((name) => `${ROOT}/${type}/${name}`);
    const apart = arm.metrics().queryResources(spaces, ['x'], type);
    expect((await errorOf(apart)).message).toContain('several regions (westeurope, eastus)');
  });

  test('are refused when the answer would be too long', async () => {
    const ids = many(50);
    put(...ids.map((resourceId) => sample(1, 1, { resourceId })));
    const wide = { startTime: new Date(start - 30 * DAY), endTime: new Date(start) };
    expect((await errorOf(ask(ids, wide))).message).toContain('more than 100000 points');
  });
});

describe('what there is to ask for', () => {
  test('are the definitions of the type and those of samples', async () => {
    put(sample(1, 1), sample(1, 1, { metric: 'Own', namespace: 'mine', dimensions: { a: 'b' } }));
    const platform = await allOf(client.metricDefinitions.list(BLUE));
    const cpu = platform.find((each) => each.name?.value === CPU);
    expect(cpu).toMatchObject({
      unit: 'Percent',
      primaryAggregationType: 'Average',
      dimensions: [{ value: 'instanceId' }],
    });
    expect(cpu?.metricAvailabilities?.[0]).toMatchObject({ timeGrain: 'PT1M', retention: 'P93D' });
    const own = await allOf(client.metricDefinitions.list(BLUE, { metricnamespace: 'MINE' }));
    expect(own).toMatchObject([{ name: { value: 'Own' }, dimensions: [{ value: 'a' }] }]);
    const spaces = await allOf(client.metricNamespaces.list(BLUE));
    expect(spaces.map((each) => [each.name, each.classification])).toEqual(
      expect.arrayContaining([
        [NAMESPACE, 'Platform'],
        ['mine', 'Custom'],
      ]),
    );
    const values = { metricnames: 'Own', metricnamespace: 'mine', timespan: span(1) };
    expect(await pointsOf(values)).toEqual([{ average: 1 }]);
  });

  test('an autoscale setting has metrics of its own', async () => {
    const body = { location: 'westeurope', profiles: [] };
    const { id = '' } = await client.autoscaleSettings.createOrUpdate('rg', 'one', body);
    const definitions = await allOf(client.metricDefinitions.list(id));
    expect(definitions.map((each) => each.name?.value)).toEqual([
      'ObservedMetricValue',
      'MetricThreshold',
      'ObservedCapacity',
      'ScaleActionsInitiated',
    ]);
    const of = { resourceId: id, namespace: 'Microsoft.Insights/autoscaleSettings' };
    const dimensions = { MetricTriggerSource: BLUE };
    put(sample(1, 71, { ...of, metric: 'ObservedMetricValue', dimensions }));
    const { value } = await client.metrics.list(id, {
      metricnames: 'ObservedMetricValue',
      timespan: span(1),
      filter: "MetricTriggerSource eq '*'",
    });
    expect(value[0]?.timeseries).toMatchObject([
      { metadatavalues: [{ value: BLUE }], data: [{ average: 71 }] },
    ]);
  });

  test('metrics of a whole subscription are not supported', async () => {
    const call = client.metrics.listAtSubscriptionScope('westeurope');
    expect(await errorOf(call)).toMatchObject({ statusCode: 501, code: 'NotSupported' });
  });
});

describe('samples put by the door of custom metrics', () => {
  const post = (time: number, baseData: object): Promise<RawAnswer> => {
    return arm.send('POST', `${BLUE}/metrics`, {
      time: new Date(time).toISOString(),
      data: { baseData },
    });
  };
  const series = [{ dimValues: ['i1'], min: 1, max: 5, sum: 6, count: 2 }];
  const base = { metric: CPU, namespace: NAMESPACE, dimNames: ['instanceId'], series };

  test('are found as any other', async () => {
    expect(await post(start - MINUTE, base)).toMatchObject({ status: 200 });
    const aggregation = 'Average,Minimum,Maximum,Count';
    expect(await pointsOf({ timespan: span(1), aggregation })).toEqual([
      { average: 3, minimum: 1, maximum: 5, count: 2 },
    ]);
  });

  test.each([
    [{ ...base, series: [{ ...series[0], dimValues: [] }] }, 'dimValues'],
    [{ ...base, series: [{ ...series[0], sum: 'x' }] }, 'series[0].sum'],
    [{ ...base, series: [{ ...series[0], count: 0 }] }, 'count'],
    [{ ...base, series: [] }, 'series'],
    [{ ...base, metric: '' }, 'metric'],
    [{ ...base, dimNames: 'instanceId' }, 'dimNames'],
  ])('are refused with the name of the field: %j', async (baseData, field) => {
    const answer = await post(start, baseData);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(field);
  });

  test('are refused for what is no resource', async () => {
    const body = { time: new Date(start).toISOString(), data: { baseData: base } };
    const answer = await arm.send('POST', '/somewhere/metrics', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'BadRequest' } } });
  });

  test('are refused when they are old or ahead', async () => {
    for (const time of [start - 21 * MINUTE, start + 7 * MINUTE]) {
      const answer = await post(time, base);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('20 minutes');
    }
  });
});

test('diagnostic settings and alerts are not supported', async () => {
  const list = allOf(client.diagnosticSettings.list(BLUE));
  expect(await errorOf(list)).toMatchObject({ statusCode: 501, code: 'NotSupported' });
});
