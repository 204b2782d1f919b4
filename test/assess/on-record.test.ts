import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { connectHistory, connectMetrics } from '@headroom/azure-monitor';
import type { MonitorOptions } from '@headroom/azure-monitor';
import { askedReads, instant } from '@headroom/core';
import { systemClock } from '@headroom/runtime';
import type { TargetHistory } from '@headroom/scenario';
import { useLocalAzure } from '../conformance/local-azure.ts';
import { subscription } from '../reference/azure-engine/fleet-place.ts';
import { runFleet } from '../reference/azure-engine/fleet.ts';
import { historyOf } from './as-history.ts';
import { publish } from './publish.ts';

const azure = useLocalAzure();
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const fleet = { seed: 11, settings: 1, days: 1, only: ['two-in-rules'] };

describe('what the reference engine leaves', () => {
  let left: TargetHistory;

  function access(): MonitorOptions {
    const { env, readerToken } = azure.current();
    const ca = readFileSync(env.NODE_EXTRA_CA_CERTS, 'utf8');
    return { endpoint: env.ARM_ENDPOINT, token: readerToken, ca };
  }

  beforeAll(async () => {
    for (const recording of runFleet({ ...fleet, now: Date.now() })) {
      await publish(azure.current(), recording);
      left = historyOf(recording);
    }
  });

  test('is in the activity log as it was done', async () => {
    const history = connectHistory(access(), systemClock(instant), log);
    const { events } = await history.events({ subscription }, left.from, left.to);
    expect(inOrder(events)).toEqual(inOrder(left.events));
    expect(left.events.length).toBeGreaterThan(10);
  });

  test('is in the metrics, averaged over instances', async () => {
    const source = connectMetrics(access(), systemClock(instant), log);
    for (const { resource, namespace, metric, grainMs, split } of askedReads(left.setting)) {
      const region = (await source.regionsOf([resource])).get(resource)!;
      const answer = await source.read({
        ...{ subscription, region, namespace, split, grainMs, from: left.from, to: left.to },
        ...{ resources: [resource], metrics: [metric] },
      });
      expect(answer.refused).toEqual([]);
      const own = left.samples.filter(({ series }) => series.metric === metric.toLowerCase());
      const figures = (samples: TargetHistory['samples']) =>
        samples.map(({ time, count, total }) => [time, total / count]);
      expect(figures(answer.samples)).toEqual(figures(own));
    }
  });
});

/** Entries of one instant come in any order. */
function inOrder(events: TargetHistory['events']): TargetHistory['events'] {
  return events.toSorted((a, b) => a.at - b.at || (a.kind < b.kind ? -1 : 1));
}
