import { describe, expect, test } from '@jest/globals';
import { minuteMs, secondMs } from '@headroom/core';
import { askedRule, askedVersion, deletedVersion, deployment } from './asked.fixture.ts';
import { CollectorWorld, minute, openedMs, sampleOf } from './collector.fixture.ts';

const blue = deployment('blue');
const cpu = (windowMs = 5 * minuteMs) =>
  askedVersion(blue, [askedRule('Cpu', { timeWindowMs: windowMs })]);
const minutesOf = (list: readonly (readonly [number, number])[]) => list.map(([at]) => at);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
/** What is on the hub at `at` of a metric asked for since noon: a minute comes two after its end, and at its batch's second. */
const publishedBy = (at: number) => range(-15, at - 3);

describe('a setting that is new', () => {
  test('has its windows at once, as far back as data may be late, in the order of time', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 0);
    const instance = world.start();
    await world.clock.advance(minuteMs);
    expect(world.published).toEqual([]);
    world.apply(cpu());
    await world.clock.advance(2 * secondMs);
    // At 12:01 the newest that is shown ended at 11:59; the window and ten minutes lie before 12:01.
    expect(minutesOf(world.of(blue, 'cpu'))).toEqual(range(-14, -1));
    expect(new Set(world.published.map(({ key }) => key)).size).toBe(1);
    await instance.stop();
  });

  test('and goes on minute by minute, in one call each', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 60);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(30 * minuteMs);
    expect(minutesOf(world.of(blue, 'cpu'))).toEqual(publishedBy(30));
    expect(instance.collector.status()).toMatchObject({ catchUpCalls: 1, published: 42 });
    expect([29, 30]).toContain(instance.collector.status().roundCalls);
    await instance.stop();
  });

  test('a longer window is filled in; what was there is not sent again', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -90, 60);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(3 * minuteMs);
    world.apply({ ...cpu(30 * minuteMs), version: 2 });
    await world.clock.advance(2 * secondMs);
    // What lies further back makes nothing look old.
    expect(instance.collector.status()).toMatchObject({
      stale: [],
      newestAgeMs: 3 * minuteMs + 2 * secondMs,
    });
    await world.clock.advance(3 * minuteMs);
    const minutes = minutesOf(world.of(blue, 'cpu'));
    expect(minutes.toSorted((a, b) => a - b)).toEqual(range(-37, 3));
    await instance.stop();
  });

  test('holds nothing up while its region is not answered', async () => {
    const world = new CollectorWorld();
    const green = deployment('green');
    world.show([blue, green], ['cpu'], -60, 60);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(3 * minuteMs);
    const held = Promise.withResolvers<undefined>();
    world.regionsHeld = held.promise;
    world.apply(askedVersion(green, [askedRule('Cpu')]));
    await world.clock.advance(5 * minuteMs);
    expect(minutesOf(world.of(blue, 'cpu'))).toEqual(publishedBy(8));
    held.resolve(undefined);
    await world.clock.advance(2 * secondMs);
    expect(minutesOf(world.of(green, 'cpu')).at(-1)).toBe(5);
    await instance.stop();
  });

  test('nothing is asked of resources whose metrics somebody else brings', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 60);
    world.skipped.add(blue);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(3 * minuteMs);
    expect(world.source.reads).toEqual([]);
    await instance.stop();
  });

  test('nothing is asked of what is deleted or not asked for any more', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 60);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(5 * minuteMs);
    const reads = world.source.reads.length;
    world.apply(deletedVersion(blue, 2));
    await world.clock.advance(5 * minuteMs);
    expect(world.source.reads.length).toBe(reads);
    await instance.stop();
  });
});

describe('what comes late', () => {
  test('is published when it comes; what is corrected, once more', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 2);
    world.show([blue], ['cpu'], 3, 30);
    world.source.put(sampleOf(blue, 'cpu', 2, 12), minute(9));
    world.source.put(sampleOf(blue, 'cpu', 4, 99), minute(11));
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(20 * minuteMs);
    const came = world.of(blue, 'cpu').filter(([at]) => at >= 0);
    expect(came.filter(([at]) => at === 2)).toEqual([[2, 12]]);
    expect(came.filter(([at]) => at === 4)).toEqual([
      [4, 14],
      [4, 99],
    ]);
    expect(came).toHaveLength(18);
    await instance.stop();
  });
});

describe('an outage', () => {
  test('of Azure: it waits as it is told, says that it is stale, and then asks for what it missed', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 60);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(3 * minuteMs);
    world.source.outage(minute(11));
    await world.clock.advance(7 * minuteMs);
    const { ready, problem, stale } = instance.collector.status();
    expect([ready, stale]).toEqual([false, [expect.stringContaining('in westeurope')]]);
    expect(problem).toContain('will be asked for again');
    const tries = world.events('poll.unavailable').length;
    expect([tries >= 5, tries <= 15]).toEqual([true, true]);
    await world.clock.advance(5 * minuteMs);
    expect(minutesOf(world.of(blue, 'cpu'))).toEqual(publishedBy(15));
    expect(instance.collector.status()).toMatchObject({ ready: true, stale: [] });
    await instance.stop();
  });

  test('of which Azure says how long it takes: it is not asked before', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 60);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(3 * minuteMs);
    const reads = world.source.reads.length;
    world.source.fail(10 * minuteMs);
    await world.clock.advance(10 * minuteMs);
    expect(world.events('poll.unavailable')).toMatchObject([{ waitMs: 10 * minuteMs }]);
    expect(world.source.reads.length).toBe(reads);
    await world.clock.advance(3 * minuteMs);
    expect(minutesOf(world.of(blue, 'cpu'))).toEqual(publishedBy(16));
    await instance.stop();
  });

  test('of the hub: it stops asking, and sends what it has when the hub is back', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 60);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(3 * minuteMs);
    world.hubAwayUntil = minute(9);
    await world.clock.advance(4 * minuteMs);
    const reads = world.source.reads.length;
    expect(instance.collector.status().problem).toContain('not published yet');
    await world.clock.advance(1 * minuteMs);
    expect(world.source.reads.length).toBe(reads);
    await world.clock.advance(12 * minuteMs);
    expect(minutesOf(world.of(blue, 'cpu'))).toEqual(publishedBy(20));
    await instance.stop();
  });

  test('of the hub, while another instance takes the slot over: both go on', async () => {
    const world = new CollectorWorld();
    const several = [0, 1, 2, 3].map((at) => deployment(`e${at}`));
    world.show(several, ['cpu'], -60, 60);
    world.apply(...several.map((id) => askedVersion(id, [askedRule('Cpu')])));
    const a = world.start();
    world.hubAwayUntil = minute(1);
    await world.clock.advance(minuteMs - 5 * secondMs);
    const b = world.start();
    await world.clock.advance(14 * minuteMs + 5 * secondMs);
    for (const id of several) {
      const minutes = minutesOf(world.of(id, 'cpu'));
      expect(minutes).toEqual(range(minutes[0]!, 12));
    }
    await Promise.all([a.stop(), b.stop()]);
  });

  test('longer than anybody looks back: it goes on with the windows', async () => {
    const world = new CollectorWorld();
    world.show([blue], ['cpu'], -60, 120);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(3 * minuteMs);
    world.source.outage(minute(60));
    await world.clock.advance(60 * minuteMs);
    const minutes = minutesOf(world.of(blue, 'cpu'));
    expect(minutes.slice(0, 15)).toEqual(publishedBy(3));
    expect(minutes[15]).toBeGreaterThanOrEqual(44);
    expect(minutes.at(-1)).toBe(59);
    await instance.stop();
  });
});

describe('what Azure refuses', () => {
  test('is named, spoils nothing else, and is asked for again after a while', async () => {
    const world = new CollectorWorld();
    const green = deployment('green');
    world.show([blue, green], ['cpu'], -60, 60);
    world.source.refuse(green, { why: 'there is no such resource: mend the setting' });
    world.apply(cpu(), askedVersion(green, [askedRule('Cpu')]));
    const instance = world.start();
    await world.clock.advance(5 * minuteMs);
    expect(minutesOf(world.of(blue, 'cpu'))).toEqual(publishedBy(5));
    expect(instance.collector.status()).toMatchObject({
      ready: true,
      refused: [{ resource: green, why: 'there is no such resource: mend the setting' }],
    });
    expect(world.events('poll.refused')).toHaveLength(1);
    world.source.refuse(green);
    await world.clock.advance(10 * minuteMs);
    expect(minutesOf(world.of(green, 'cpu')).at(-1)).toBe(11);
    expect(instance.collector.status().refused).toEqual([]);
    await instance.stop();
  });

  test('a resource without a region is named, with the reason that reading it has', async () => {
    const world = new CollectorWorld();
    world.source.locate(blue, undefined);
    world.source.refuse(blue, { why: 'it was deleted' });
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(2 * minuteMs);
    expect(instance.collector.status()).toMatchObject({
      unplaced: [blue],
      refused: [{ resource: blue, why: 'it was deleted' }],
    });
    world.source.locate(blue, 'westeurope');
    world.source.refuse(blue);
    world.show([blue], ['cpu'], -60, 60);
    await world.clock.advance(12 * minuteMs);
    expect(minutesOf(world.of(blue, 'cpu')).at(-1)).toBe(10);
    expect(instance.collector.status()).toMatchObject({ unplaced: [], refused: [] });
    expect(world.events('poll.unplaced')).toHaveLength(1);
    await instance.stop();
  });

  test('a resource without a region is asked for by itself', async () => {
    const world = new CollectorWorld();
    world.source.locate(blue, undefined);
    world.show([blue], ['cpu'], -60, 60);
    world.apply(cpu());
    const instance = world.start();
    await world.clock.advance(30 * minuteMs);
    expect(minutesOf(world.of(blue, 'cpu'))).toEqual(publishedBy(30));
    await instance.stop();
  });
});

describe('instances', () => {
  const fleet = Array.from({ length: 40 }, (_, at) => deployment(`e${at}`));
  const worldOf = () => {
    const world = new CollectorWorld();
    world.show(fleet, ['cpu'], -60, 60);
    world.apply(...fleet.map((id) => askedVersion(id, [askedRule('Cpu')])));
    return world;
  };

  test('share the work; one that ends gives it up at once', async () => {
    const world = worldOf();
    const [a, b] = [world.start(), world.start()];
    await world.clock.advance(10 * minuteMs);
    const statuses = [a, b].map((one) => one.collector.status());
    expect(statuses.map(({ slots }) => slots)).toEqual([8, 8]);
    const resources = statuses.map(({ estimate }) => estimate?.resources ?? 0);
    expect(resources[0]! + resources[1]!).toBe(fleet.length);
    await b.stop();
    await world.clock.advance(openedMs);
    expect(a.collector.status().slots).toBe(16);
    await world.clock.advance(10 * minuteMs - openedMs);
    for (const id of fleet) expect(minutesOf(world.of(id, 'cpu'))).toEqual(publishedBy(20));
    await a.stop();
  });

  test('one that is killed is followed by another, which goes on where it was', async () => {
    const world = worldOf();
    const a = world.start();
    await world.clock.advance(5 * minuteMs);
    a.kill();
    await world.clock.advance(3 * minuteMs);
    const b = world.start();
    await world.clock.advance(10 * minuteMs);
    for (const id of fleet) expect(minutesOf(world.of(id, 'cpu'))).toEqual(publishedBy(18));
    await b.stop();
  });

  test('what is taken over is asked for at once, whatever was asked for this minute', async () => {
    const world = worldOf();
    const [a, b] = [world.start(), world.start()];
    await world.clock.advance(10 * minuteMs + 59 * secondMs);
    await b.stop();
    const reads = world.source.reads.length;
    await world.clock.advance(openedMs + secondMs);
    const asked = new Set(world.source.reads.slice(reads).flatMap(({ resources }) => resources));
    expect(asked.size).toBeGreaterThan(10);
    await a.stop();
  });

  test('killed after the hub and before the checkpoint: that is sent once more, and no minute is missing', async () => {
    const world = worldOf();
    const a = world.start();
    await world.clock.advance(5 * minuteMs);
    a.killAfterPublish();
    const b = world.start();
    await world.clock.advance(10 * minuteMs);
    const lists = fleet.map((id) => minutesOf(world.of(id, 'cpu')));
    for (const list of lists) expect([...new Set(list)]).toEqual(publishedBy(15));
    const twice = lists.reduce((sum, list) => sum + list.length - 27, 0);
    // One message: one minute of the resources of one slot.
    expect(twice).toBeGreaterThan(0);
    expect(twice).toBeLessThanOrEqual(8);
    await b.stop();
  });
});

test('tells what it will cost, again when that changes', async () => {
  const world = new CollectorWorld();
  world.apply(cpu());
  const instance = world.start();
  await world.clock.advance(minuteMs);
  world.apply(askedVersion(deployment('green'), [askedRule('Gpu')]));
  await world.clock.advance(minuteMs);
  const told = world.events('poll.planned').filter(({ batches }) => batches !== 0);
  expect(told).toMatchObject([
    { resources: 1, callsPerMinute: 1, callsPerMonth: 43_830, costPerMonth: 0.44, slots: 16 },
    { resources: 2, callsPerMinute: 2, callsPerMonth: 87_660, costPerMonth: 0.88 },
  ]);
  await instance.stop();
});

test('tells the calls that it really takes, where batches are refused', async () => {
  const world = new CollectorWorld();
  const all = range(0, 7).map((at) => deployment(`d${at}`));
  world.show(all, ['cpu'], -60, 60);
  world.apply(...all.map((resource) => askedVersion(resource, [askedRule('Cpu')])));
  const instance = world.start();
  const { collector } = instance;
  await world.clock.advance(5 * minuteMs);
  expect(collector.status()).toMatchObject({ roundCallsPerMinute: 1 });
  world.isSingly = true;
  // Once may be a repetition.
  await world.clock.advance(minuteMs);
  expect(world.events('poll.more-calls')).toEqual([]);
  await world.clock.advance(5 * minuteMs);
  expect(collector.status()).toMatchObject({
    roundCallsPerMinute: 7,
    estimate: { callsPerMinute: 1 },
  });
  expect(world.events('poll.more-calls')).toEqual([
    { planned: 1, callsPerMinute: 7, callsPerMonth: 306_810, costPerMonth: 3.07 },
  ]);
  await instance.stop();
});
