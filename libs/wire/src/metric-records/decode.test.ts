import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { keyHash } from '@headroom/core';
import type { Sample } from '@headroom/core';
import { decodeMetrics } from './decode.ts';
import type { DecodedMetrics } from './decoded.ts';
import { bodyBytesMax, recordBytesMax, recordsMax } from './limits.ts';

interface Fixture extends Pick<DecodedMetrics, 'form' | 'counts'> {
  readonly name: string;
  readonly body: string;
  readonly samples: readonly Sample[];
}

const url = new URL('../../fixtures/metric-records.json', import.meta.url);
const fixtures = JSON.parse(readFileSync(url, 'utf8')) as readonly Fixture[];
const all = (): boolean => true;
const none = (): boolean => false;
const bytesOf = (body: unknown): Buffer =>
  Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

const resourceId = '/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG/PROVIDERS/P/DEPLOYMENTS/BLUE';
const record = {
  resourceId,
  metricName: 'CpuUtilizationPercentage',
  time: '2026-11-21T09:03:00.0000000Z',
  timeGrain: 'PT1M',
  count: 2,
  total: 150,
  minimum: 70,
  maximum: 80,
  average: 75,
};

describe('the forms of metric records', () => {
  test.each(fixtures)('$name', ({ body, form, counts, samples }) => {
    const decoded = decodeMetrics(bytesOf(body), all);
    expect(decoded).toMatchObject({ form, counts, rejected: [] });
    expect(decoded.samples.map(({ sample }) => sample)).toEqual(samples);
  });

  test('bytes that lie within a larger buffer', () => {
    const body = bytesOf({ records: [record] });
    const larger = Buffer.concat([Buffer.from('xxx'), body, Buffer.from('yyy')]);
    expect(decodeMetrics(larger.subarray(3, 3 + body.length), all)).toEqual(
      decodeMetrics(body, all),
    );
  });
});

describe('whether a record is wanted', () => {
  test('is asked with the hash of its resource and metric, whatever their case', () => {
    const wanted = keyHash(resourceId.toLowerCase(), 'cpuutilizationpercentage');
    const asks = (high: number, low: number) => high === wanted.high && low === wanted.low;
    const other = { ...record, metricName: 'Memory' };
    const decoded = decodeMetrics(bytesOf([other, record, `${resourceId}/`]), asks);
    const withSlash = decodeMetrics(bytesOf([{ ...record, resourceId: `${resourceId}/` }]), asks);
    expect(decoded.counts).toEqual({ wanted: 1, unwanted: 1, notMetric: 0, rejected: 1 });
    expect(decoded.samples[0]?.index).toBe(1);
    expect(withSlash.samples[0]?.sample.series.resource).toBe(resourceId.toLowerCase());
  });

  test('decides whether anything else of it is looked at', () => {
    const bad = { ...record, time: 'yesterday', total: '?' };
    expect(decodeMetrics(bytesOf([bad]), none).counts.unwanted).toBe(1);
    expect(decodeMetrics(bytesOf([bad]), all).counts.rejected).toBe(1);
  });
});

describe('numbers that a record leaves out', () => {
  const { resourceId: id, metricName, time, timeGrain } = record;
  const bare = { resourceId: id, metricName, time, timeGrain };
  test.each([
    [{ average: 5 }, { count: 1, total: 5, minimum: 5, maximum: 5 }],
    [
      { average: 5, count: 4 },
      { count: 4, total: 20, minimum: 5, maximum: 5 },
    ],
    [
      { total: 20, count: 4 },
      { count: 4, total: 20, minimum: 5, maximum: 5 },
    ],
    [
      { total: 20, average: 5 },
      { count: 4, total: 20, minimum: 5, maximum: 5 },
    ],
    [
      { total: 20, average: 0 },
      { count: 1, total: 20, minimum: 0, maximum: 0 },
    ],
    [
      { total: 20, maximum: 9 },
      { count: 1, total: 20, minimum: 20, maximum: 9 },
    ],
    [
      { total: 0, count: 0 },
      { count: 0, total: 0, minimum: 0, maximum: 0 },
    ],
    [{ average: -0 }, { count: 1, total: 0, minimum: 0, maximum: 0 }],
  ])('%j', (numbers, expected) => {
    const [first] = decodeMetrics(bytesOf({ ...bare, ...numbers }), all).samples;
    expect(first?.sample).toMatchObject(expected);
  });

  test.each([
    [{}, /^total: missing/],
    [{ count: 3, maximum: 9 }, /^total: missing/],
    [{ average: 5, count: -1 }, /^count: -1/],
    [{ average: 1e308, count: 1e10 }, /^total: too large/],
  ])('%j is rejected', (numbers, reason) => {
    const { rejected } = decodeMetrics(bytesOf({ ...bare, ...numbers }), all);
    expect(rejected).toMatchObject([{ index: 0, reason: expect.stringMatching(reason) }]);
  });
});

test('golden 120: the average of an exported record is its total by its count', () => {
  const exported = {
    ...{ count: 2, total: 0.217, minimum: 0.042, maximum: 0.175, average: 0.1085 },
    ...{
      resourceId,
      time: '2023-04-18T09:03:00.0000000Z',
      metricName: 'CpuTime',
      timeGrain: 'PT1M',
    },
  };
  const { form, samples } = decodeMetrics(bytesOf({ records: [exported] }), all);
  const { count, total, minimum, maximum } = samples[0]!.sample;
  expect(form).toBe('export');
  expect({ count, total, minimum, maximum }).toEqual({
    count: 2,
    total: 0.217,
    minimum: 0.042,
    maximum: 0.175,
  });
  expect(total / count).toBe(0.1085);
});

test('golden 122: NULL is no sample, 0 is one', () => {
  const values = (value: null | 0) => ({
    ...record,
    ...{ count: value, total: value, minimum: value, maximum: value, average: value },
  });
  const sentNothing = decodeMetrics(bytesOf([values(null)]), all);
  expect(sentNothing).toMatchObject({ samples: [], rejected: [], counts: { notMetric: 1 } });
  const sentZero = decodeMetrics(bytesOf([values(0)]), all);
  expect(sentZero.samples.map(({ sample }) => sample.total)).toEqual([0]);
});

describe('a record that cannot be read is rejected with its reason, the others are read', () => {
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`d${at}`, 'x']));
  test.each<[string, unknown, RegExp]>([
    ['no object', 7, /JSON object/],
    ['null', null, /JSON object/],
    ['an array within', [record], /JSON object/],
    ['no resource', { ...record, resourceId: undefined }, /^resourceId: expected a text/],
    ['a resource of slashes', { ...record, resourceId: '//' }, /^resourceId: /],
    ['NUL in an id', { ...record, resourceId: '/a\u0000b' }, /^resourceId: control/],
    ['newline in a metric', { ...record, metricName: 'a\nb' }, /^metricName: control/],
    ['a long id', { ...record, resourceId: `/${'r'.repeat(1024)}` }, /^resourceId: longer than/],
    ['a metric that is no text', { ...record, metricName: 4 }, /^metricName: expected a text/],
    ['no time', { ...record, time: undefined }, /^time: expected an ISO 8601 time/],
    ['a time without zone', { ...record, time: '2026-11-21T09:03:00' }, /^time: .* offset/],
    ['30 February', { ...record, time: '2026-02-30T09:03:00Z' }, /^time: /],
    ['no grain', { ...record, timeGrain: undefined }, /^timeGrain: /],
    ['a grain of nothing', { ...record, timeGrain: 'PT0S' }, /^timeGrain: /],
    ['a grain of a week', { ...record, timeGrain: 'P1W' }, /^timeGrain: .*PT24H/],
    ['a number as text', { ...record, total: '150' }, /^total: expected a finite number/],
    ['a word for a number', { ...record, Total: 'much', dimension: {} }, /^Total: /],
    [
      'a dimension that is no text',
      { ...record, Total: '1', dimension: { a: 1 } },
      /^dimension\.a/,
    ],
    ['too many dimensions', { ...record, ...many }, /^dimensions: 21 found/],
    ['a long value', { ...record, Host: 'h'.repeat(1025) }, /^Host: 1025 characters/],
    ['newline in a value', { ...record, Host: 'a\nb' }, /^Host: control/],
    ['= in a name', { ...record, 'a=b': 'c' }, /^dimensions: .*=/],
    ['a dimension twice', { ...record, Host: 'a', host: 'b' }, /twice/],
    ['too long a record', { ...record, x: [' '.repeat(recordBytesMax)] }, /longer than 16384/],
  ])('%s', (_, bad, reason) => {
    const decoded = decodeMetrics(bytesOf({ records: [record, bad, record] }), all);
    expect(decoded.counts).toEqual({ wanted: 2, unwanted: 0, notMetric: 0, rejected: 1 });
    expect(decoded.samples.map(({ index }) => index)).toEqual([0, 2]);
    expect(decoded.rejected).toMatchObject([{ index: 1, reason: expect.stringMatching(reason) }]);
    expect(Buffer.byteLength(decoded.rejected[0]!.excerpt)).toBeLessThanOrEqual(recordBytesMax);
  });

  test('a bad line among good ones', () => {
    const lines = [JSON.stringify(record), '{"records":', JSON.stringify(record)].join('\n');
    const decoded = decodeMetrics(bytesOf(lines), all);
    expect(decoded.samples.map(({ index }) => index)).toEqual([0, 2]);
    expect(decoded.rejected).toMatchObject([{ index: 1, excerpt: '{"records":' }]);
  });
});

describe('a body that is no JSON is one bad record', () => {
  test.each(['', 'hello', '{"records":[', 'a\nb\nc', '\u0000\u0001', `{"a":"b\tc"}`])(
    '%j',
    (body) => {
      const decoded = decodeMetrics(bytesOf(body), all);
      expect(decoded.counts).toEqual({ wanted: 0, unwanted: 0, notMetric: 0, rejected: 1 });
      expect(decoded.rejected).toMatchObject([{ index: 0, reason: expect.stringMatching(/JSON/) }]);
    },
  );

  test('bytes that are no UTF-8', () => {
    expect(decodeMetrics(Uint8Array.of(0xff, 0xfe, 0x00), all).counts.rejected).toBe(1);
  });
});

describe('limits', () => {
  test('a message that is too long is not read, and its beginning is kept', () => {
    const decoded = decodeMetrics(Buffer.alloc(bodyBytesMax + 1, 'é'), all);
    expect(decoded.counts.rejected).toBe(1);
    expect(Buffer.byteLength(decoded.rejected[0]!.excerpt)).toBeLessThanOrEqual(recordBytesMax);
  });

  test('too many records: one is rejected for the rest', () => {
    const decoded = decodeMetrics(bytesOf(Array(recordsMax + 5).fill({})), all);
    expect(decoded.counts).toMatchObject({ notMetric: recordsMax, rejected: 1 });
    expect(decoded.rejected[0]).toMatchObject({ index: recordsMax });
  });

  test('a record nested deeper than it can be shown', () => {
    const depth = 200_000;
    const decoded = decodeMetrics(bytesOf(`[${'['.repeat(depth)}${']'.repeat(depth)}]`), all);
    expect(decoded.rejected).toMatchObject([{ index: 0, reason: expect.stringMatching(/object/) }]);
  });
});
