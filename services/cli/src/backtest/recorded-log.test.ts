import { expect, test } from '@jest/globals';
import { after, defaultPolicy, instant, minuteMs, outcomeId, targetId } from '@headroom/core';
import type { LogEvent, Millis, Sample, SettingVersion } from '@headroom/core';
import { RecordedLog } from './recorded-log.ts';

const target = targetId('/subscriptions/s/resourcegroups/g/providers/p/t/blue');
const start = instant(Date.UTC(2026, 0, 5));
const setting = { name: 'cpu', enabled: true, target, profiles: [] };
const version: SettingVersion = {
  ...{ target, id: 'cpu', version: 2 },
  content: { kind: 'setting', setting, policy: defaultPolicy, overrides: [] },
};

function logOf(...events: readonly (readonly [at: Millis, event: LogEvent])[]): RecordedLog {
  const log = new RecordedLog(version);
  for (const [sequence, [at, event]] of events.entries()) {
    log.take({ sequence, enqueuedAt: after(start, at), event });
  }
  return log;
}

function sampleOf(minute: number, resource: string): Sample {
  const series = { resource, metric: 'cpu', dimensions: [] };
  const amounts = { count: 1, total: 50, minimum: 50, maximum: 50 };
  return { series, time: after(start, minute * minuteMs), grainMs: minuteMs, ...amounts };
}

function frame(...samples: readonly Sample[]): LogEvent {
  const placed = samples.map((sample, sequence) => ({
    sample,
    position: { sequence, index: 0 },
  }));
  const ends = { first: placed[0]!.position, last: placed.at(-1)!.position };
  return { kind: 'frame', source: 'metrics#0', path: 'poll', ...ends, samples: placed };
}

test("the log tells a target's samples, and how late and by which way they came", () => {
  const other = sampleOf(0, `${target}2`);
  const log = logOf(
    [2 * minuteMs, frame(sampleOf(0, target), other)],
    [4 * minuteMs, frame(sampleOf(1, target))],
    [5 * minuteMs, frame(sampleOf(2, target))],
  );
  expect(log.samples).toEqual([0, 1, 2].map((minute) => sampleOf(minute, target)));
  expect([log.path, log.dataAgeMs]).toEqual(['poll', 2 * minuteMs]);
});

test('each change of its instances, and operations from begin to end', () => {
  const commandId = 'c1';
  const observation = { target, commandId: '', instances: 2, detail: '', at: start };
  const started = { commandId, target, to: 4, at: start };
  const outcome = {
    ...{ id: outcomeId(commandId), commandId, target, kind: 'Applied', to: 4, capacity: 4 },
    ...{ reachedProvider: true, detail: '', at: start, source: { kind: 'external' } },
  } as const;
  const log = logOf(
    [0, { kind: 'capacity', observation }],
    [1_000, { kind: 'capacity', observation: { ...observation, target: targetId('/other') } }],
    [2_000, { kind: 'capacity', observation }],
    [3_000, { kind: 'started', started }],
    [90_000, { kind: 'outcome', outcome: outcome as never }],
  );
  expect(log.capacities).toEqual([
    { at: start, instances: 2 },
    { at: after(start, 90_000), instances: 4 },
  ]);
  const common = { from: 2, to: 4, correlationId: commandId };
  expect(log.events).toMatchObject([
    { kind: 'ScaleStarted', at: after(start, 3_000), ...common },
    { kind: 'ScaleSucceeded', at: after(start, 90_000), ...common },
  ]);
});

test('since when the setting in force has been so', () => {
  const before = { ...version, version: 1 };
  const log = logOf(
    [0, { kind: 'setting', version: before }],
    [1_000, { kind: 'setting', version }],
    [2_000, { kind: 'setting', version }],
  );
  expect(log.inForceSince).toBe(after(start, 1_000));
});
