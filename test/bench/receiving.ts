import { eventHubs } from '@headroom/topology';
import { Child, Service, until } from '../processes/child.ts';
import type { Row } from './figures.ts';
import { round } from './figures.ts';
import { body, record, targetOf } from '../processes/fleet.ts';
import { Responder } from './responder.ts';
import { Stack } from '../processes/stack.ts';

const events = 6_000;
const warmUp = 3_000;
const recordsPerEvent = 100;
/** Whole resources stream: of a hundred records five are asked for. */
const wantedPerEvent = 5;
const settings = 1_000;

interface Figure {
  readonly recordsPerSecond: number;
  readonly cpuMicrosPerRecord: number;
}

/**
 * The same backlog, received by the bare SDK's loop and by the whole `ingest` service, one after the other, each warmed up
 * and then stopped (SIGSTOP) while the backlog is written, so that neither waits for the sender. `ingest` also decides on what it was asked for: nothing is taken off for that.
 */
export async function receiving(): Promise<readonly Row[]> {
  await using stack = await Stack.start();
  await stack.applySettings(settings);
  const bare = await bareLoop(stack);
  const whole = await ingest(stack);
  const ratio = bare.cpuMicrosPerRecord / whole.cpuMicrosPerRecord;
  return [
    {
      what: 'CPU of the bare SDK receiving loop against the whole ingest consumer',
      measured: `${round(ratio)}x`,
      beside: ` (${figureText('bare', bare)}; ${figureText('ingest', whole)})`,
      must: '0.6x',
      reached: ratio >= 0.6,
    },
  ];
}

async function send(stack: Stack, events: number): Promise<void> {
  const publisher = stack.hubs.metricPublisher(eventHubs.metrics.name);
  const perSend = 20;
  for (let event = 0; event < events; event += perSend) {
    const bodies = Array.from({ length: perSend }, (_, at) => eventBody(event + at));
    await publisher.publish(bodies, 'push');
  }
}

function eventBody(event: number): Uint8Array {
  const now = Date.now();
  return body(
    Array.from({ length: recordsPerEvent }, (_, at) => {
      const wanted = at < wantedPerEvent;
      const index = wanted ? (event * wantedPerEvent + at) % settings : settings + at;
      return record(targetOf(index), wanted ? 'CpuUtilizationPercentage' : `Other${at}`, 50, now);
    }),
  );
}

async function bareLoop(stack: Stack): Promise<Figure> {
  const child = new Child(
    'bare loop',
    'test/bench/bare-loop.ts',
    [eventHubs.metrics.name],
    stack.env,
  );
  try {
    const received = async (count: number) => {
      await child.line(new RegExp(`"events":${count}\\b`));
    };
    await send(stack, warmUp);
    await received(warmUp);
    return await timed(stack, child, () => received(warmUp + events));
  } finally {
    await child.stop();
  }
}

/** Reads first what the bare loop was sent: its warm-up. */
async function ingest(stack: Stack): Promise<Figure> {
  const service = await Service.start('ingest', stack.env);
  const received = async (count: number) => {
    const seen = async () => {
      const { router } = (await service.health()).checks;
      return (router?.wanted ?? 0) + (router?.unwanted ?? 0);
    };
    await until(seen, (records) => records >= count * recordsPerEvent, 120_000);
  };
  try {
    await using responder = new Responder(stack);
    await responder.answered(settings, 60_000);
    await received(warmUp + events);
    return await timed(stack, service, () => received(warmUp + 2 * events));
  } finally {
    await service.stop();
  }
}

/** From the moment it may go on to the last event received. */
async function timed(stack: Stack, child: Child, received: () => Promise<void>): Promise<Figure> {
  child.signal('SIGSTOP');
  await send(stack, events);
  const [startedAt, cpuBefore] = [performance.now(), child.cpuSeconds()];
  child.signal('SIGCONT');
  await received();
  const seconds = (performance.now() - startedAt) / 1_000;
  const records = events * recordsPerEvent;
  const cpuMicrosPerRecord = ((child.cpuSeconds() - cpuBefore) * 1e6) / records;
  return { recordsPerSecond: records / seconds, cpuMicrosPerRecord };
}

function figureText(name: string, { recordsPerSecond, cpuMicrosPerRecord }: Figure): string {
  return `${name} ${Math.round(recordsPerSecond / 1_000)}k records/s, ${round(cpuMicrosPerRecord)} us CPU a record`;
}
