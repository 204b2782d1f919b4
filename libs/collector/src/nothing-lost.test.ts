import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { after, secondMs } from '@headroom/core';
import { askedRule, askedVersion, deployment } from './asked.fixture.ts';
import { CollectorWorld, minute, sampleOf } from './collector.fixture.ts';
import type { Instance } from './collector.fixture.ts';

/** What goes wrong, in the order in which it does; each after so many seconds. */
const mishaps = fc.array(
  fc.record({
    afterS: fc.integer({ min: 1, max: 200 }),
    what: fc.constantFrom('azure', 'hub', 'kill', 'killAfterPublish', 'stop', 'start', 'throttle'),
    forS: fc.integer({ min: 1, max: 120 }),
  }),
  { maxLength: 8 },
);

/** Minutes that are shown later than usual, or corrected, by their place among all. */
const oddities = fc.array(
  fc.record({
    minute: fc.integer({ min: 0, max: 30 }),
    resource: fc.nat({ max: 3 }),
    lateS: fc.integer({ min: 121, max: 500 }),
    isCorrection: fc.boolean(),
  }),
  { maxLength: 8 },
);

const resources = Array.from({ length: 4 }, (_, at) => deployment(`e${at}`));
const lastMinute = 30;

interface Run {
  readonly mishaps: readonly { afterS: number; what: string; forS: number }[];
  readonly oddities: readonly {
    minute: number;
    resource: number;
    lateS: number;
    isCorrection: boolean;
  }[];
}

test('whatever dies or is away, each minute that Azure showed is published, with its last numbers, and none twice but after a kill', async () => {
  await fc.assert(
    fc.asyncProperty(mishaps, oddities, async (list, odd) => {
      const run: Run = { mishaps: list, oddities: odd };
      const world = worldOf(run);
      const kills = await play(world, run);
      for (const resource of resources) {
        const came = world.of(resource, 'cpu');
        expect(newestNumbers(came)).toEqual(shownNumbers(run, resource));
        const twice = came.length - new Set(came.map(([at, value]) => `${at} ${value}`)).size;
        if (kills === 0) expect(twice).toBe(0);
      }
      if (kills === 0 && odd.length === 0) expect(inOrder(world)).toBe(true);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 8) },
  );
});

function worldOf({ oddities: odd }: Run): CollectorWorld {
  const world = new CollectorWorld();
  const late = new Map(
    odd
      .filter(({ isCorrection }) => !isCorrection)
      .map((one) => [`${one.resource} ${one.minute}`, one.lateS]),
  );
  for (let at = -20; at <= lastMinute; at++) {
    resources.forEach((resource, index) => {
      const lateS = late.get(`${index} ${at}`) ?? 120;
      const shownAt = after(minute(at + 1), lateS * secondMs);
      world.source.put(sampleOf(resource, 'cpu', at, 10 + at), shownAt);
    });
  }
  for (const { minute: at, resource, lateS, isCorrection } of odd) {
    if (!isCorrection) continue;
    const corrected = sampleOf(resources[resource]!, 'cpu', at, 1_000);
    world.source.put(corrected, after(minute(at + 1), (lateS + 30) * secondMs));
  }
  world.apply(...resources.map((id) => askedVersion(id, [askedRule('Cpu')])));
  return world;
}

/** Ends with one instance that has had time for everything. */
async function play(world: CollectorWorld, { mishaps: list }: Run): Promise<number> {
  const instances: Instance[] = [world.start()];
  let kills = 0;
  let downS = 0;
  for (const { afterS, what, forS } of list) {
    await world.clock.advance(afterS * secondMs);
    if (instances.length === 0) downS += afterS;
    // No instance for longer than anybody looks back is another affair.
    if (instances.length === 0 && (what === 'start' || downS > 300)) {
      instances.push(world.start());
      continue;
    }
    const until = after(world.clock.now(), forS * secondMs);
    if (what === 'azure') world.source.outage(until);
    if (what === 'throttle') world.source.fail(forS * 100, undefined);
    if (what === 'hub') world.hubAwayUntil = until;
    if (what === 'start' && instances.length < 3) instances.push(world.start());
    if (what === 'stop') await stopped(world, instances.pop());
    if (what === 'kill' || what === 'killAfterPublish') {
      if (instances.length > 0) kills++;
      if (what === 'kill') instances.pop()?.kill();
      else instances.pop()?.killAfterPublish();
    }
  }
  const last = world.start();
  await world.clock.advance(Math.max(0, minute(lastMinute + 16) - world.clock.now()));
  await stopped(world, last);
  return kills;
}

/** Its end may take the clock: what it has in hand is finished first. */
async function stopped(world: CollectorWorld, instance: Instance | undefined): Promise<void> {
  const ended = instance?.stop();
  await world.clock.advance(secondMs);
  await ended;
}

function newestNumbers(came: readonly (readonly [number, number])[]): Record<string, number> {
  return Object.fromEntries(came.filter(([at]) => at >= 0 && at <= lastMinute));
}

function shownNumbers({ oddities: odd }: Run, resource: string): Record<string, number> {
  const shown = new Map<number, number>();
  for (let at = 0; at <= lastMinute; at++) shown.set(at, 10 + at);
  for (const one of odd) {
    if (one.isCorrection && resources[one.resource] === resource) shown.set(one.minute, 1_000);
  }
  return Object.fromEntries([...shown].map(([at, value]) => [String(at), value]));
}

function inOrder(world: CollectorWorld): boolean {
  return resources.every((resource) => {
    const minutes = world.of(resource, 'cpu').map(([at]) => at);
    return minutes.every((at, index) => index === 0 || at > (minutes[index - 1] ?? -Infinity));
  });
}
