import { setTimeout as wait } from 'node:timers/promises';
import { instant } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { eventHubs } from '@headroom/topology';
import { Service, until } from '../processes/child.ts';
import type { Row } from './figures.ts';
import { percentile, round } from './figures.ts';
import { body, record, targetOf } from '../processes/fleet.ts';
import { SteadyLoad } from './load.ts';
import { Responder } from './responder.ts';
import { Stack } from '../processes/stack.ts';

const settings = 5_000;
const spikes = 300;
const spikeEveryMs = 150;
/** The window is a minute: before that everything is warming. */
const warmMs = 75_000;

interface Spike {
  readonly target: TargetId;
  readonly sentAtMs: number;
  readonly commandMs: number;
  readonly auditMs: number;
}

/**
 * A record that crosses its threshold, from the moment before it is sent (so the send is within) to the command in the hands
 * of the queue's reader, and to the decision readable in Cosmos; with 5,000 settings fed every 5 s beside it.
 */
export async function latency(): Promise<readonly Row[]> {
  await using stack = await Stack.start();
  await stack.applySettings(settings);
  const services = [
    await Service.start('ingest', stack.env),
    await Service.start('audit', stack.env),
  ];
  try {
    await using responder = new Responder(stack);
    await using load = new SteadyLoad(stack, settings);
    await responder.answered(settings, 120_000);
    await wait(warmMs);
    const [recordsBefore, startedAt] = [load.records, Date.now()];
    const measured = await measure(stack, responder, load);
    const perSecond = ((load.records - recordsBefore) * 1_000) / (Date.now() - startedAt);
    return rowsOf(measured, Math.round(perSecond));
  } finally {
    for (const service of services) await service.stop();
  }
}

async function measure(
  stack: Stack,
  responder: Responder,
  load: SteadyLoad,
): Promise<readonly Spike[]> {
  const publisher = stack.hubs.metricPublisher(eventHubs.metrics.name);
  const running: Promise<Spike>[] = [];
  for (let spike = 0; spike < spikes; spike++) {
    const target = targetOf(load.farthest(spike));
    const sentAtMs = Date.now();
    const bytes = body([record(target, 'CpuUtilizationPercentage', 100_000, sentAtMs)]);
    await publisher.publish([bytes], 'push');
    running.push(follow(stack, responder, target, sentAtMs));
    await wait(spikeEveryMs);
  }
  return Promise.all(running);
}

async function follow(
  stack: Stack,
  responder: Responder,
  target: TargetId,
  sentAtMs: number,
): Promise<Spike> {
  const arrived = () => Promise.resolve(responder.commandsFor(target)[0]);
  const arrival = await until(arrived, (found) => found !== undefined, 30_000, 5);
  const readable = () => hasDecision(stack, target, arrival?.command.id ?? '');
  await until(readable, (found) => found, 30_000, 25);
  const commandMs = (arrival?.atMs ?? NaN) - sentAtMs;
  return { target, sentAtMs, commandMs, auditMs: Date.now() - sentAtMs };
}

async function hasDecision(stack: Stack, target: TargetId, id: string): Promise<boolean> {
  const since = instant(Date.now() - 600_000);
  for await (const found of stack.stores.audit.query({ target, since })) {
    if (found.kind === 'decision' && found.decision.id === id) return true;
  }
  return false;
}

function rowsOf(measured: readonly Spike[], load: number): readonly Row[] {
  const row = (
    what: string,
    pick: (spike: Spike) => number,
    p50Max: number,
    p99Max: number,
  ): Row => {
    const values = measured.map(pick);
    const [p50, p99] = [percentile(values, 0.5), percentile(values, 0.99)];
    const must = p50Max === Infinity ? `p99 ${p99Max} ms` : `p50 ${p50Max} ms, p99 ${p99Max} ms`;
    return {
      what,
      measured: `p50 ${round(p50, 0)} ms, p99 ${round(p99, 0)} ms`,
      beside: ` (${values.length} spikes beside ${load} records/s of ${settings} settings)`,
      must,
      reached: p50 <= p50Max && p99 <= p99Max,
    };
  };
  return [
    row('record sent → command received', ({ commandMs }) => commandMs, 80, 250),
    row(
      'record sent → decision readable in the audit log',
      ({ auditMs }) => auditMs,
      Infinity,
      2_000,
    ),
  ];
}
