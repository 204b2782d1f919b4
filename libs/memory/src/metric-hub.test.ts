import { expect, test } from '@jest/globals';
import { instant, keyHash, minuteMs } from '@headroom/core';
import type { Sample } from '@headroom/core';
import type { MetricBatch, MetricHandler } from '@headroom/ports';
import { MemoryMetricHub } from './metric-hub.ts';
import { VirtualClock } from './virtual-clock.ts';

function sample(metric: string): Sample {
  return {
    series: { resource: '/e', metric, dimensions: [] },
    time: instant(0),
    grainMs: minuteMs,
    count: 1,
    total: 50,
    minimum: 50,
    maximum: 50,
  };
}

function setUp(onBatch: () => Promise<void> = () => Promise.resolve()) {
  const hub = new MemoryMetricHub({ partitions: 1, clock: new VirtualClock(instant(9)) });
  const batches: MetricBatch[] = [];
  const cpu = keyHash('/e', 'cpu');
  const handler: MetricHandler = {
    wanted: (high, low) => high === cpu.high && low === cpu.low,
    batch: (batch) => {
      batches.push(batch);
      return onBatch();
    },
  };
  return { hub, batches, handler };
}

test('a batch has the wanted samples with their positions, and counts the rest', async () => {
  const { hub, batches, handler } = setUp();
  hub.publish(0, { samples: [sample('memory'), sample('cpu')], notMetric: 2 });
  const unreadable = [{ reason: 'total: expected a number', excerpt: '{}' }];
  hub.publish(0, { samples: [sample('cpu')], path: 'export', unreadable });
  await hub.join(handler).pump();
  expect(batches).toEqual([
    {
      source: 'metrics/0',
      firstSequence: 0,
      lastSequence: 1,
      lastEnqueuedAt: 9,
      groups: [
        {
          path: 'push',
          samples: [{ sample: sample('cpu'), position: { sequence: 0, index: 1 } }],
        },
        {
          path: 'export',
          samples: [{ sample: sample('cpu'), position: { sequence: 1, index: 0 } }],
        },
      ],
      rejected: [{ source: 'metrics/0', sequence: 1, index: 1, ...unreadable[0] }],
      counts: { wanted: 2, unwanted: 1, notMetric: 2, rejected: 1 },
    },
  ]);
});

test('a batch that was handled is not delivered again after a hand-over', async () => {
  const { hub, batches, handler } = setUp();
  hub.publish(0, { samples: [sample('cpu')] });
  const first = hub.join(handler);
  await first.pump();
  await first.stop();
  hub.publish(0, { samples: [] });
  await hub.join(handler).pump();
  expect(batches.map(({ firstSequence }) => firstSequence)).toEqual([0, 1]);
});

test('a batch whose handler rejected comes again', async () => {
  let failures = 1;
  const { hub, batches, handler } = setUp(() =>
    failures-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve(),
  );
  hub.publish(0, { samples: [sample('cpu')] });
  const member = hub.join(handler);
  expect((await member.pump()).failures).toHaveLength(1);
  await member.pump();
  expect(batches.map(({ firstSequence }) => firstSequence)).toEqual([0, 0]);
});

test('the feed reads by itself until it is aborted', async () => {
  const abort = new AbortController();
  const { hub, batches, handler } = setUp(() => {
    abort.abort();
    return Promise.resolve();
  });
  const running = hub.feed().run(handler, abort.signal);
  hub.publish(0, { samples: [sample('cpu')] });
  await running;
  expect(batches).toHaveLength(1);
});
