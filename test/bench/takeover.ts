import { setTimeout as wait } from 'node:timers/promises';
import { eventHubs } from '@headroom/topology';
import { Service, until } from '../processes/child.ts';
import type { Row } from './figures.ts';
import { round } from './figures.ts';
import { body, record, targetOf } from '../processes/fleet.ts';
import { SteadyLoad } from './load.ts';
import { Responder } from './responder.ts';
import { Stack } from '../processes/stack.ts';

const settings = 10_000;
const warmMs = 75_000;
const spikesBefore = 100;
const spikesAfter = 200;
const spikeEveryMs = 25;

/**
 * Two instances share the partitions at 10,000 settings; one is killed while spikes come in. How long until the other one
 * owns every partition of the log, and whether each spike gave exactly one command.
 */
export async function takeover(): Promise<readonly Row[]> {
  await using stack = await Stack.start();
  await stack.applySettings(settings);
  const first = await Service.start('ingest', stack.env);
  const second = await Service.start('ingest', stack.env);
  try {
    await using responder = new Responder(stack);
    await using load = new SteadyLoad(stack, settings);
    await responder.answered(settings, 240_000);
    const owned = await until(
      () => Promise.all([partitionsOf(first), partitionsOf(second)]),
      (counts) =>
        counts.every((count) => count > 0) && sum(counts) === eventHubs.signals.partitions,
      60_000,
    );
    await wait(warmMs);
    const spikes = spike(stack, spikesBefore + spikesAfter);
    await wait(spikesBefore * spikeEveryMs);
    second.kill();
    const seconds = await secondsUntilTaken(first);
    const [lost, doubled] = await account(responder, await spikes);
    return [rowOf(seconds, owned, lost, doubled, load.records)];
  } finally {
    await first.stop();
    await second.stop();
  }
}

async function secondsUntilTaken(survivor: Service): Promise<number> {
  const killedAt = performance.now();
  const all = eventHubs.signals.partitions;
  await until(
    () => partitionsOf(survivor),
    (count) => count === all,
    120_000,
  );
  return (performance.now() - killedAt) / 1_000;
}

async function spike(stack: Stack, count: number): Promise<readonly number[]> {
  const publisher = stack.hubs.metricPublisher(eventHubs.metrics.name);
  const indexes = Array.from({ length: count }, (_, at) => (at * 31) % settings);
  for (const index of indexes) {
    const one = record(targetOf(index), 'CpuUtilizationPercentage', 1_000_000, Date.now());
    await publisher.publish([body([one])], 'push');
    await wait(spikeEveryMs);
  }
  return indexes;
}

/** Spikes without a command, and commands beyond one a spike, once everything has come through. */
async function account(responder: Responder, spikes: readonly number[]) {
  const commands = () =>
    Promise.resolve(spikes.map((index) => responder.commandsFor(targetOf(index)).length));
  await until(commands, (counts) => counts.every((count) => count > 0), 30_000).catch(
    () => undefined,
  );
  const counts = await commands();
  const lost = counts.filter((count) => count === 0).length;
  return [lost, sum(counts.map((count) => Math.max(0, count - 1)))] as const;
}

async function partitionsOf(service: Service): Promise<number> {
  return (await service.health()).checks.evaluator?.partitions.length ?? 0;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function rowOf(
  seconds: number,
  owned: readonly number[],
  lost: number,
  doubled: number,
  records: number,
): Row {
  const accounts = `${spikesBefore + spikesAfter} spikes: ${lost} lost, ${doubled} doubled`;
  return {
    what: 'takeover of a killed instance’s partitions at 10k settings',
    measured: `${round(seconds, 1)} s; ${accounts}`,
    beside: ` (partitions before ${owned.join(' + ')}; ${records} records of load)`,
    must: '10 s, nothing lost or doubled',
    reached: seconds <= 10 && lost === 0 && doubled === 0,
  };
}
