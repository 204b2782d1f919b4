import { describe, expect, test } from '@jest/globals';
import { instant, type AuditRecord } from '@headroom/core';
import { demoDeployment, pushGrainMs } from '@headroom/demo';
import { MemoryAudit, VirtualClock } from '@headroom/memory';
import type { CapacityReading } from '@headroom/ports';
import type { LoadEvent, ServiceEvent, ShownEvent } from '../view/shown-event.ts';
import { carryOut, killsOnce, killsRandom, seededRandom, type Kill } from './kills.ts';
import { ChildNarrator } from './narrate-children.ts';
import { action, fixtureStart, fixtureTarget, hold, outcomeOf } from './records.fixture.ts';
import { median, Tally } from './tally.ts';
import { AuditWatch } from './watch.ts';
import { backlogMax, Workload } from './workload.ts';

describe('the tally of a run', () => {
  test('an outcome is shown with its decision and the latency from the metric', () => {
    const tally = new Tally();
    tally.take(action('a', 70, 2, 4));
    expect(tally.take(outcomeOf('a', 79, 4))).toMatchObject({
      kind: 'outcome',
      decision: { id: 'a' },
      latency: { toDecisionMs: 500, toOutcomeMs: 9_500 },
    });
  });

  test('counts decisions and outcomes, and wants both directions applied', () => {
    const tally = new Tally();
    for (const record of [hold('h', 1), action('a', 70, 2, 4), outcomeOf('a', 79, 4)]) {
      tally.take(record);
    }
    expect(tally.wentBothWays(fixtureTarget)).toBe(false);
    for (const record of [action('b', 150, 4, 3), outcomeOf('b', 158, 3)]) tally.take(record);
    expect(tally.wentBothWays(fixtureTarget)).toBe(true);
    expect(tally.summary({ lastedMs: 1, kills: 0, problems: [], capacities: [] })).toMatchObject({
      decisions: { 'Hold NotTriggered': 1, 'ScaleOut ScaleOutRule': 1, 'ScaleIn ScaleInRule': 1 },
      outcomes: { Applied: 2 },
      applied: ['chat/blue 2 → 4', 'chat/blue 4 → 3'],
      metricToDecisionP50Ms: 500,
      metricToAppliedP50Ms: 8_500,
    });
  });

  test('an action that failed was not applied', () => {
    const tally = new Tally();
    tally.take(action('a', 70, 2, 4));
    tally.take(outcomeOf('a', 79, 2, 'QuotaExceeded'));
    expect(tally.summary({ lastedMs: 1, kills: 0, problems: [], capacities: [] }).applied).toEqual(
      [],
    );
  });

  test.each([
    [[], undefined],
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2],
  ])('the median of %j is %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('watching the audit log', () => {
  test('each record comes once, a late one too; older runs stay out', async () => {
    const audit = new MemoryAudit();
    const clock = new VirtualClock(fixtureStart);
    const found: AuditRecord[] = [];
    await audit.create(hold('earlier', -60));
    const watch = new AuditWatch({
      audit,
      clock,
      targets: [fixtureTarget],
      found: (record) => found.push(record),
      show: () => undefined,
    });
    await audit.create(action('a', 70, 2, 4));
    await watch.poll();
    await audit.create(outcomeOf('a', 79, 4));
    await audit.create(hold('late', 20));
    await watch.poll();
    await watch.poll();
    expect(
      found.map((record) => (record.kind === 'decision' ? record.decision.id : 'outcome')),
    ).toEqual(['a', 'late', 'outcome']);
  });

  test('a log that is away is said once, and read again when it is back', async () => {
    const audit = new MemoryAudit();
    await audit.create(hold('h', 1));
    let away = true;
    const shown: ShownEvent[] = [];
    const found: AuditRecord[] = [];
    const watch = new AuditWatch({
      audit: {
        query: (question) => {
          if (away) throw new Error('no answer');
          return audit.query(question);
        },
      },
      clock: new VirtualClock(fixtureStart),
      targets: [fixtureTarget],
      found: (record) => found.push(record),
      show: (event) => shown.push(event),
    });
    await watch.poll();
    await watch.poll();
    away = false;
    await watch.poll();
    expect(shown).toEqual([
      { kind: 'warning', text: 'the audit log cannot be read for now: no answer' },
    ]);
    expect(found).toHaveLength(1);
  });
});

describe('the workload', () => {
  const second = 1000;

  function scene(read: () => Promise<CapacityReading>) {
    const clock = new VirtualClock(instant(fixtureStart + 300));
    const pushed: { records: { time: string; metricName: string }[] }[] = [];
    const shown: ShownEvent[] = [];
    const hub = { away: false };
    const publish = (bodies: readonly Uint8Array[]) => {
      if (hub.away) return Promise.reject(new Error('no hub'));
      for (const body of bodies) {
        pushed.push(JSON.parse(new TextDecoder().decode(body)) as (typeof pushed)[number]);
      }
      return Promise.resolve();
    };
    const workload = new Workload({
      deployment: demoDeployment,
      target: fixtureTarget,
      traffic: () => 12,
      publisher: { publish },
      arm: { read },
      clock,
      show: (event) => shown.push(event),
    });
    const ended = new AbortController();
    const running = workload.run(ended.signal);
    const end = async () => {
      ended.abort();
      await running;
    };
    return { clock, pushed, shown, hub, workload, end };
  }
  const capacity = (instances: number) => () =>
    Promise.resolve({ kind: 'capacity', instances, busy: false } as const);

  test('pushes each grain when it has ended, with the load of the instances at ARM', async () => {
    const { clock, pushed, shown, end } = scene(capacity(3));
    await clock.advance(11 * second);
    await end();
    expect(pushed.map(({ records }) => records[0]!.time)).toEqual([
      '2026-11-21T14:00:00.0000000Z',
      '2026-11-21T14:00:05.0000000Z',
    ]);
    const cpus = pushed[1]!.records.filter(
      ({ metricName }) => metricName === 'CpuUtilizationPercentage',
    );
    expect(cpus).toHaveLength(3);
    const loads = shown.filter((event): event is LoadEvent => event.kind === 'load');
    expect(loads.at(-1)).toMatchObject({ requestsPerS: 12, capacity: { instances: 3 } });
  });

  test('sends what waited when the hub is back, and drops what is too old', async () => {
    const { clock, pushed, shown, hub, end } = scene(capacity(2));
    hub.away = true;
    await clock.advance((backlogMax + 2) * pushGrainMs);
    hub.away = false;
    await clock.advance(2 * second);
    await end();
    expect(pushed).toHaveLength(backlogMax);
    const warnings = shown.filter(({ kind }) => kind === 'warning');
    expect(warnings[0]).toMatchObject({ text: 'metrics wait, the hub does not answer: no hub' });
    expect(warnings.length).toBe(3);
  });

  test('goes on with the last capacity while ARM is away', async () => {
    let away = false;
    const { clock, workload, end } = scene(() =>
      away ? Promise.reject(new Error('no ARM')) : capacity(5)(),
    );
    await clock.advance(second);
    away = true;
    await clock.advance(5 * second);
    await end();
    expect(workload.capacity).toEqual({ instances: 5, busy: false });
  });
});

describe('kills', () => {
  test('once: each process in turn, well within the run', () => {
    const kills = killsOnce(300_000);
    expect(kills.map(({ name }) => name)).toEqual([
      'ingest',
      'scaler',
      'audit',
      'poller',
      'gateway',
      'azure',
    ]);
    const latest = kills.map(
      ({ notBeforeMs, whileScalingUntilMs }) => whileScalingUntilMs ?? notBeforeMs,
    );
    // Time to come back, and to scale in what has not been scaled in yet.
    expect(Math.max(...latest)).toBeLessThanOrEqual(210_000);
    expect(latest).toEqual(latest.toSorted((a, b) => a - b));
  });

  test('random: the seed gives the sequence', () => {
    const names = ['azure', 'ingest', 'scaler'];
    const first = (seed: number) => {
      const kills = killsRandom(names, seed);
      return Array.from({ length: 20 }, () => kills.next().value as Kill);
    };
    expect(first(7)).toEqual(first(7));
    expect(first(7)).not.toEqual(first(8));
    expect(new Set(first(7).map(({ name }) => name))).toEqual(new Set(names));
    const values = Array.from({ length: 1000 }, seededRandom(1));
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0.5, 1);
  });

  test('a kill waits for its time, an operation or a process that is there', async () => {
    const kills: Kill[] = [
      { name: 'a', notBeforeMs: 100 },
      { name: 'b', notBeforeMs: 100, whileScalingUntilMs: 10_000 },
      { name: 'c', notBeforeMs: 100, whileScalingUntilMs: 200 },
    ];
    const killed: string[] = [];
    let asked = 0;
    let elapsed = 0;
    await carryOut(
      kills,
      {
        elapsedMs: () => (elapsed += 60),
        scaling: () => killed.length === 2 && ++asked > 2,
        clock: { wait: () => Promise.resolve() },
        kill: (name) => {
          killed.push(name);
          return killed.length > 1;
        },
      },
      new AbortController().signal,
    );
    expect(killed).toEqual(['a', 'a', 'b', 'c']);
  });

  test('the end of the run ends them', async () => {
    const killed: string[] = [];
    const parts = {
      elapsedMs: () => 0,
      scaling: () => false,
      kill: (name: string) => killed.push(name) > 0,
      clock: { wait: () => Promise.resolve() },
    };
    await carryOut([{ name: 'a', notBeforeMs: 1 }], parts, AbortSignal.abort());
    expect(killed).toEqual([]);
  });
});

describe('telling of the processes', () => {
  test('a killed one is missed until it is ready again', () => {
    const shown: ServiceEvent[] = [];
    let now = 0;
    const narrator = new ChildNarrator(
      (event) => shown.push(event),
      () => now,
    );
    narrator.take({ kind: 'ready', name: 'audit', pid: 1, tookMs: 800 });
    narrator.killed('audit', 1);
    const exit = { code: null, signal: 'SIGKILL' };
    narrator.take({ kind: 'exited', name: 'audit', pid: 1, exit, expected: false });
    narrator.take({ kind: 'restarting', name: 'audit', failures: 1, inMs: 100 });
    expect(narrator.missing).toEqual(['audit']);
    now = 1_500;
    narrator.take({ kind: 'ready', name: 'audit', pid: 2, tookMs: 900 });
    expect(narrator.missing).toEqual([]);
    expect(narrator.kills).toBe(1);
    expect(shown.map(({ state, text }) => `${state}: ${text}`)).toEqual([
      'ready: after 800 ms',
      'killed: kill -9 of process 1',
      'recovered: 1.5 s after the kill',
    ]);
  });

  test('one that ends by itself is told with its exit code', () => {
    const shown: ServiceEvent[] = [];
    const narrator = new ChildNarrator(
      (event) => shown.push(event),
      () => 0,
    );
    const exit = { code: 1, signal: null };
    narrator.take({ kind: 'exited', name: 'audit', pid: 1, exit, expected: false });
    narrator.take({ kind: 'exited', name: 'audit', pid: 1, exit, expected: true });
    expect(shown.map(({ text }) => text)).toEqual(['with exit code 1']);
  });
});
