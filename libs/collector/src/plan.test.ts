import { describe, expect, test } from '@jest/globals';
import { minuteMs } from '@headroom/core';
import type { SettingVersion } from '@headroom/core';
import { askedRule, askedVersion, deletedVersion, deployment } from './asked.fixture.ts';
import { estimateOf, pricePerThousandCalls } from './estimate.ts';
import { planOf } from './plan.ts';
import { polledReads, slots } from './polled-reads.ts';

function planFor(versions: readonly SettingVersion[], regionOf = (_: string) => 'westeurope') {
  const reads = polledReads(versions);
  return planOf(reads, new Map(reads.map(({ resource }) => [resource, regionOf(resource)])));
}

const fleet = (count: number, metrics = ['Cpu']): readonly SettingVersion[] =>
  Array.from({ length: count }, (_, at) =>
    askedVersion(
      deployment(`e${at}`),
      metrics.map((name) => askedRule(name)),
    ),
  );

describe('what is asked for', () => {
  test('a metric once, however many settings ask for it', () => {
    const endpoint = deployment('e').replace('/deployments/blue', '');
    const rpm = { resource: endpoint };
    const byCode = [{ name: 'Code', operator: 'Equals', values: ['429'] } as const];
    const reads = polledReads([
      askedVersion(deployment('e'), [askedRule('Rpm', { ...rpm, timeWindowMs: 9 * minuteMs })]),
      askedVersion(deployment('f'), [askedRule('rpm', { ...rpm, dimensions: byCode })]),
      askedVersion(deployment('g'), [askedRule('RPM', { ...rpm, timeGrainMs: 5 * minuteMs })]),
    ]);
    expect(reads).toHaveLength(1);
    expect(reads[0]).toMatchObject({
      ...{ resource: endpoint, metric: 'Rpm', split: ['code'] },
      ...{ grainMs: minuteMs, windowMs: 9 * minuteMs },
    });
  });

  test('nothing for settings that are disabled or deleted', () => {
    const { content, ...version } = askedVersion(deployment('e'), [askedRule('Cpu')]);
    if (content.kind !== 'setting') throw new Error('it is a setting');
    const disabled = { ...content, setting: { ...content.setting, enabled: false } };
    const versions = [{ ...version, content: disabled }, deletedVersion(deployment('f'), 2)];
    expect(polledReads(versions)).toEqual([]);
  });

  test('what a shadow asks for, too', () => {
    const { content, ...version } = askedVersion(deployment('e'), [askedRule('Cpu')]);
    const other = askedVersion(deployment('e'), [askedRule('Gpu')]).content;
    if (content.kind !== 'setting' || other.kind !== 'setting')
      throw new Error('they are settings');
    const { setting, policy } = other;
    const shadows = [{ name: 'gpu', content: { kind: 'setting', setting, policy } as const }];
    const reads = polledReads([{ ...version, content: { ...content, shadows } }]);
    expect(reads.map(({ metric }) => metric)).toEqual(['Cpu', 'Gpu']);
  });

  test('a resource is in one slot, whatever is asked of it', () => {
    const reads = polledReads(fleet(200, ['Cpu', 'Memory']));
    const slotsOf = Map.groupBy(reads, ({ resource }) => resource);
    for (const list of slotsOf.values()) expect(new Set(list.map(({ slot }) => slot)).size).toBe(1);
    expect(new Set(reads.map(({ slot }) => slot)).size).toBe(slots.length);
  });
});

describe('the calls', () => {
  test('fifty resources a call, with all their metrics', () => {
    const { batches } = planFor(fleet(120, ['Cpu', 'Memory', 'Gpu']));
    expect(batches.map(({ resources, metrics }) => [resources.length, metrics])).toEqual([
      [50, ['Cpu', 'Gpu', 'Memory']],
      [50, ['Cpu', 'Gpu', 'Memory']],
      [20, ['Cpu', 'Gpu', 'Memory']],
    ]);
  });

  test('no metric of a resource that nobody asks for', () => {
    const cpu = askedVersion(deployment('a'), [askedRule('Cpu')]);
    const both = askedVersion(deployment('b'), [askedRule('Cpu'), askedRule('Gpu')]);
    const asked = planFor([cpu, both]).batches.map(({ resources, metrics }) => [
      resources.length,
      metrics.join(' '),
    ]);
    expect(asked).toEqual([
      [1, 'Cpu'],
      [1, 'Cpu Gpu'],
    ]);
  });

  test.each([
    ['subscription', { resource: deployment('b', '/subscriptions/s2/providers') }],
    ['namespace', { metricNamespace: 'azure.other' }],
    ['grain', { timeGrainMs: 5 * minuteMs }],
    ['split', { dimensions: [{ name: 'instanceId', operator: 'NotEquals', values: ['0'] }] }],
  ] as const)('another %s is another call', (_, over) => {
    const versions = [
      askedVersion(deployment('a'), [askedRule('Cpu')]),
      askedVersion(deployment('b'), [askedRule('Cpu', over)]),
    ];
    expect(planFor(versions).batches).toHaveLength(2);
  });

  test('another region is another call; without one, each resource is', () => {
    const versions = fleet(3);
    const regions = ['westeurope', 'eastus'];
    const names = planFor(versions, () => regions.shift() ?? 'eastus').batches;
    expect(names.map(({ region, resources }) => [region, resources.length])).toEqual([
      ['westeurope', 1],
      ['eastus', 2],
    ]);
    const plan = planOf(polledReads(versions), new Map());
    expect(plan.batches.map(({ region }) => region)).toEqual(['']);
    expect(plan.unplaced).toHaveLength(3);
    expect(estimateOf(plan, pricePerThousandCalls).callsPerMinute).toBe(3);
  });

  test('what is in no subscription is not asked for', () => {
    const reads = polledReads(fleet(1)).map((read) => ({ ...read, resource: '/elsewhere' }));
    const { batches, unplaced } = planOf(reads, new Map());
    expect([batches, unplaced]).toEqual([[], ['/elsewhere']]);
  });

  test('more metrics than a call can name are several calls', () => {
    const metrics = Array.from({ length: 45 }, (_, at) => `M${at}`);
    const { batches } = planFor(fleet(2, metrics));
    expect(batches.map((batch) => batch.metrics.length)).toEqual([20, 20, 5]);
  });

  test('they are spread over the minute', () => {
    const { batches } = planFor(fleet(1_000));
    const quarters = new Set(batches.map(({ phaseMs }) => Math.floor(phaseMs / (minuteMs / 4))));
    expect(quarters.size).toBe(4);
  });
});

test('what a thousand targets with three metrics cost', () => {
  const plan = planFor(fleet(1_000, ['Cpu', 'Memory', 'Gpu']));
  expect(estimateOf(plan, pricePerThousandCalls)).toEqual({
    ...{ resources: 1_000, metrics: 3_000, batches: 20 },
    ...{ callsPerMinute: 20, callsPerDay: 28_800, callsPerMonth: 876_600 },
    ...{ costPerMonth: 8.77, isWithinFree: true, callsPerHourMax: 1_200 },
  });
});

test('coarse grains are asked for less often', () => {
  const hourly = askedRule('Cpu', { timeGrainMs: 60 * minuteMs });
  const plan = planFor([askedVersion(deployment('a'), [hourly])]);
  expect(estimateOf(plan, pricePerThousandCalls).callsPerMinute).toBeCloseTo(0.2);
});
