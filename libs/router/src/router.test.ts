import { describe, expect, test } from '@jest/globals';
import {
  defaultPolicy,
  defaultRateLimitPolicy,
  defaultRule,
  instant,
  partitionOf,
  secondMs,
  targetId,
} from '@headroom/core';
import type {
  AiAccount,
  AutoscaleSetting,
  Frame,
  LogEvent,
  Sample,
  SettingVersion,
} from '@headroom/core';
import { MemoryLog, MemoryMetricHub, MemoryRejected, VirtualClock } from '@headroom/memory';
import type { Member } from '@headroom/memory';
import { DependencyUnavailable } from '@headroom/ports';
import type { SettingsView, SignalLog } from '@headroom/ports';
import { createRouter } from './router.ts';

const partitions = 4;
const blue = targetId('/subscriptions/s/deployments/blue');
const green = targetId('/subscriptions/s/deployments/green');
const vision = targetId('/subscriptions/s/accounts/vision');
const shared = '/subscriptions/s/queues/shared';

function versionOf(target = blue, resource: string = target, version = 1): SettingVersion {
  const trigger = {
    metricName: 'CpuUtilizationPercentage',
    resource,
    timeGrainMs: 60_000,
    statistic: 'Average' as const,
    timeWindowMs: 60_000,
    timeAggregation: 'Average' as const,
    operator: 'GreaterThan' as const,
    threshold: 70,
    dimensions: [],
    dividePerInstance: false,
  };
  const action = {
    direction: 'Increase',
    type: 'ChangeCount',
    value: 1,
    cooldownMs: 60_000,
  } as const;
  const capacity = { minimum: 1, maximum: 5, default: 1 };
  const profile = { name: 'default', capacity, rules: [{ trigger, action }] };
  const setting: AutoscaleSetting = { name: 'one', enabled: true, target, profiles: [profile] };
  const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
  return { target, id: target, version, content };
}

function accountOf(version: number, group: string): SettingVersion {
  const account: AiAccount = {
    id: vision,
    name: 'vision',
    kind: 'ComputerVision',
    sku: 'S1',
    dynamicThrottlingEnabled: true,
    capabilities: [],
    rules: [defaultRule],
  };
  const policy = { ...defaultRateLimitPolicy, group };
  const content = { kind: 'rateLimit', account, policy, overrides: [] } as const;
  return { target: vision, id: vision, version, content };
}

function sample(resource: string, metric = 'cpuutilizationpercentage', second = 0): Sample {
  const series = { resource, metric, dimensions: [] };
  const value = { count: 1, total: 50, minimum: 50, maximum: 50 };
  return { series, time: instant(second * secondMs), grainMs: 5 * secondMs, ...value };
}

class Settings implements SettingsView {
  #listener: ((versions: readonly SettingVersion[]) => void) | undefined;

  subscribe(listener: (versions: readonly SettingVersion[]) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = undefined);
  }

  /** The first call is the complete set. */
  change(...versions: readonly SettingVersion[]): void {
    this.#listener?.(versions);
  }
}

/** A router over memory, with one member of its group that the test moves. */
async function setUp(signals?: (log: MemoryLog) => SignalLog) {
  const clock = new VirtualClock(instant(0));
  const log = new MemoryLog({ partitions, clock });
  const hub = new MemoryMetricHub({ partitions: 2, clock });
  const rejected = new MemoryRejected();
  const settings = new Settings();
  const warnings: string[] = [];
  let joined: (member: Member) => void;
  const member = new Promise<Member>((resolve) => (joined = resolve));
  const router = createRouter({
    feed: {
      run: (handler) => {
        joined(hub.join(handler));
        return new Promise(() => undefined);
      },
    },
    signals: signals?.(log) ?? log,
    rejected,
    settings,
    log: { info: () => undefined, warn: (event) => warnings.push(event), error: () => undefined },
  });
  void router.run(new AbortController().signal);
  // `run` asks the log for its size first.
  await Promise.resolve();
  await Promise.resolve();
  return { clock, log, hub, rejected, settings, router, member, warnings };
}

function frames(log: MemoryLog, target: string): readonly Frame[] {
  const events: readonly LogEvent[] = log
    .events(partitionOf(target, partitions))
    .map(({ event }) => event);
  return events.filter((event) => event.kind === 'frame');
}

describe('the router', () => {
  test('reads nothing before it knows every setting', async () => {
    const { member, settings } = await setUp();
    let ready = false;
    void member.then(() => (ready = true));
    await Promise.resolve();
    expect(ready).toBe(false);
    settings.change();
    await member;
    expect(ready).toBe(true);
  });

  test('sends what a setting asks for to its partition, and drops the rest', async () => {
    const { hub, log, settings, member, router } = await setUp();
    settings.change(versionOf(blue));
    hub.publish(0, { samples: [sample(blue), sample(green), sample(blue, 'requestlatency')] });
    await (await member).drain();
    expect(frames(log, blue)).toMatchObject([
      {
        source: 'metrics/0#push',
        first: { sequence: 0, index: 0 },
        samples: [{ position: { sequence: 0, index: 0 } }],
      },
    ]);
    expect(router.status()).toMatchObject({ wanted: 1, unwanted: 2, frames: 1 });
  });

  test('sends a metric that two targets read to both', async () => {
    const { hub, log, settings, member } = await setUp();
    settings.change(versionOf(blue, shared), versionOf(green, shared));
    hub.publish(1, { samples: [sample(shared)] });
    await (await member).drain();
    expect(frames(log, blue)).toHaveLength(1);
    expect(frames(log, green)).toHaveLength(1);
  });

  test('sends an account to the partition of its group, and after a change to the new one only', async () => {
    const { hub, log, settings, member } = await setUp();
    const [first, second] = ['first', 'second'];
    expect(partitionOf(first, partitions)).not.toBe(partitionOf(second, partitions));
    settings.change(accountOf(1, first));
    hub.publish(0, { samples: [sample(vision, 'totalcalls')] });
    await (await member).drain();
    settings.change(accountOf(2, second));
    hub.publish(0, { samples: [sample(vision, 'totalcalls', 1)] });
    await (await member).drain();
    expect(frames(log, first)).toHaveLength(1);
    expect(frames(log, second)).toHaveLength(1);
  });

  test('makes one frame of a flush, however many messages it came in', async () => {
    const { hub, log, settings, member } = await setUp();
    settings.change(versionOf(blue));
    for (let second = 0; second < 50; second++) {
      hub.publish(0, { samples: [sample(blue, undefined, second)] });
    }
    await (await member).drain();
    expect(frames(log, blue)).toHaveLength(1);
    expect(frames(log, blue)[0]?.last).toEqual({ sequence: 49, index: 0 });
  });

  test('keeps the paths of one source apart, so that none hides the other', async () => {
    const { hub, log, settings, member } = await setUp();
    settings.change(versionOf(blue));
    hub.publish(0, { samples: [sample(blue)], path: 'push' });
    hub.publish(0, { samples: [sample(blue)], path: 'export' });
    hub.publish(0, { samples: [sample(blue)], path: 'push' });
    await (await member).drain();
    expect(frames(log, blue).map(({ source }) => source)).toEqual([
      'metrics/0#push',
      'metrics/0#export',
    ]);
  });

  test('follows a setting that changes and one that goes', async () => {
    const { hub, log, settings, member } = await setUp();
    settings.change(versionOf(blue));
    settings.change(versionOf(blue, shared, 2));
    hub.publish(0, { samples: [sample(blue), sample(shared)] });
    await (await member).drain();
    expect(frames(log, blue)[0]?.samples.map((one) => one.sample.series.resource)).toEqual([
      shared,
    ]);
    settings.change({ ...versionOf(blue), version: 3, content: { kind: 'tombstone' } });
    hub.publish(0, { samples: [sample(shared)] });
    await (await member).drain();
    expect(frames(log, blue)).toHaveLength(1);
  });

  test('keeps what cannot be read, with its position and the reason', async () => {
    const { hub, rejected, settings, member, warnings } = await setUp();
    settings.change();
    hub.publish(0, { samples: [], unreadable: [{ reason: 'time: missing', excerpt: '{}' }] });
    await (await member).drain();
    expect(rejected.records).toMatchObject([
      { source: 'metrics/0', sequence: 0, index: 0, reason: 'time: missing' },
    ]);
    expect(warnings).toEqual(['record.rejected']);
  });

  test('acknowledges nothing that is not in the log', async () => {
    let away = true;
    const { hub, log, settings, member } = await setUp((inner) => ({
      describe: () => inner.describe(),
      append: (partition, events) =>
        away ? Promise.reject(new Error('gone')) : inner.append(partition, events),
    }));
    settings.change(versionOf(blue));
    hub.publish(0, { samples: [sample(blue)] });
    const { failures } = await (await member).pump();
    expect(failures).toHaveLength(1);
    away = false;
    await (await member).drain();
    expect(frames(log, blue)).toHaveLength(1);
  });

  test('waits for a log that is away for a moment', async () => {
    let refusals = 2;
    const { hub, log, settings, member, warnings } = await setUp((inner) => ({
      describe: () => inner.describe(),
      append: (partition, events) =>
        refusals-- > 0
          ? Promise.reject(new DependencyUnavailable('signals', 'away'))
          : inner.append(partition, events),
    }));
    settings.change(versionOf(blue));
    hub.publish(0, { samples: [sample(blue)] });
    const { failures } = await (await member).pump();
    expect(failures).toEqual([]);
    expect(frames(log, blue)).toHaveLength(1);
    expect(warnings).toEqual(['signals.unavailable', 'signals.unavailable']);
  });
});
