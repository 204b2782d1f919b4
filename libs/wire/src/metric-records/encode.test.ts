import { expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import { decodeMetrics } from './decode.ts';
import { encodeMetrics } from './encode.ts';
import type { MetricRecord } from './encode.ts';

const record: MetricRecord = {
  resource: '/subscriptions/s/resourcegroups/rg/providers/p/accounts/vision',
  metric: 'BlockedCalls',
  time: instant(Date.UTC(2026, 0, 5, 9, 0, 7)),
  grainMs: 1_000,
  count: 3,
  total: 3,
  minimum: 1,
  maximum: 1,
  dimensions: { RatelimitKey: 'vision "read"', BlockedBy: 'Rate' },
};

test('what is encoded is decoded as the same sample, of path push', () => {
  const [body, ...others] = encodeMetrics([record]);
  expect(others).toEqual([]);
  const { form, samples } = decodeMetrics(body!, () => true);
  expect(form).toBe('push');
  const { count, total, minimum, maximum, time, grainMs } = record;
  expect(samples.map(({ sample }) => sample)).toEqual([
    {
      ...{ count, total, minimum, maximum, time, grainMs },
      series: {
        resource: record.resource,
        metric: 'blockedcalls',
        dimensions: [
          ['BlockedBy', 'Rate'],
          ['RatelimitKey', 'vision "read"'],
        ],
      },
    },
  ]);
});

test('many records are several messages, each short enough; none are none', () => {
  const many = Array.from({ length: 2_000 }, (_, at) => ({ ...record, total: at }));
  const bodies = encodeMetrics(many);
  expect(bodies.length).toBeGreaterThan(1);
  for (const body of bodies) expect(body.length).toBeLessThan(210_000);
  const totals = bodies.flatMap((body) =>
    decodeMetrics(body, () => true).samples.map(({ sample }) => sample.total),
  );
  expect(totals).toEqual(many.map(({ total }) => total));
  expect(encodeMetrics([])).toEqual([]);
});
