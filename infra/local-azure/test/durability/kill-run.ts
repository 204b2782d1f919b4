import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CosmosClient } from '@azure/cosmos';
import { AzureProcess } from './azure-process.ts';
import { checkSoFar, checkWhole } from './check/check.ts';
import type { Violation } from './check/violation.ts';
import { textOf } from './check/violation.ts';
import { damage } from './integrity.ts';
import { startBusLoad } from './load/bus-load.ts';
import { settleAccounts } from './load/bus-receivers.ts';
import { Checkpoints } from './load/checkpoints.ts';
import { startDeploymentLoad } from './load/deployment-load.ts';
import { startDocumentLoad } from './load/document-load.ts';
import { readLog, startEventLoad } from './load/event-load.ts';
import type { Load, LoadContext } from './load/load.ts';
import { Random } from './random.ts';
import { Recording } from './recording.ts';

export interface KillRunOptions {
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface KillRun {
  readonly violations: readonly Violation[];
  readonly recording: Recording;
  /** From the start of the process to its ready line, after each kill. */
  readonly restartMs: readonly number[];
}

/** Under load before a kill. */
const [LEAST_LOAD_MS, MOST_LOAD_MS] = [50, 1500];
/** Into a start that is killed: mostly while it reads its files. */
const MOST_START_MS = 400;
/** For a consumer that waits before it connects again. */
const CATCH_UP_MS = 60_000;

/** Ends at the first broken promise, and says what it was. */
export async function runKills(options: KillRunOptions): Promise<KillRun> {
  const { kills, seed, say } = options;
  const random = new Random(seed);
  const dataDir = await mkdtemp(join(tmpdir(), 'kills-'));
  const azure = await AzureProcess.on(dataDir, random);
  const recording = new Recording();
  const restartMs: number[] = [];
  try {
    await azure.start();
    const load = await startLoad(azure, recording, options);
    let broken: readonly Violation[] = [];
    while (recording.kills < kills && broken.length === 0) {
      const how = await killOnce(azure, recording, random);
      const tookMs = await azure.start();
      restartMs.push(tookMs);
      say(`kill ${recording.kills}: ${how}; ready after ${Math.round(tookMs)} ms`);
      broken = checkSoFar(recording);
      for (const violation of broken) say(`BROKEN so far  ${textOf(violation)}`);
    }
    say('the load ends; everything is read again');
    await load.end();
    await azure.kill();
    recording.reported.push(...damage(dataDir, recording.kills));
    return { violations: checkWhole(recording), recording, restartMs };
  } finally {
    await azure.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Waits until senders, receivers and writers have had answers again: the next kill finds load. */
async function allAtWork(recording: Recording): Promise<void> {
  const before = answersOf(recording);
  const endsAt = Date.now() + CATCH_UP_MS;
  for (;;) {
    const now = answersOf(recording);
    const idle = Object.entries(now).filter(([name, count]) => count === before[name]);
    if (idle.length === 0) return;
    if (Date.now() > endsAt) {
      const names = idle.map(([name]) => name).join(', ');
      recording.report('clients', `no ${names} within ${CATCH_UP_MS} ms of the restart`);
      return;
    }
    await delay(100);
  }
}

function answersOf({ events, bus, registers }: Recording): Readonly<Record<string, number>> {
  const isAnswered = (step: object): boolean => {
    return 'outcome' in step && step.outcome === 'acknowledged';
  };
  const answered = (kind: string): number =>
    bus.filter((step) => step.kind === kind && isAnswered(step)).length;
  return {
    'events sent': events.sent.filter(isAnswered).length,
    'events received': events.live.length,
    'messages sent': answered('sent'),
    'messages settled': answered('settled'),
    'documents written': [...registers.values()].flat().filter(isAnswered).length,
  };
}

/** Mostly after a while of load; now and then right after the start, or twice, the second time in it. */
async function killOnce(
  azure: AzureProcess,
  recording: Recording,
  random: Random,
): Promise<string> {
  const isAtOnce = random.chance(0.1);
  const loadMs = isAtOnce ? random.int(0, LEAST_LOAD_MS) : random.int(LEAST_LOAD_MS, MOST_LOAD_MS);
  if (!isAtOnce) await allAtWork(recording);
  await delay(loadMs);
  const log = azure.hasCrashed;
  if (log !== undefined) recording.report('the process', `ended by itself: ${log}`);
  recording.kills += 1;
  await azure.kill();
  recording.died();
  if (!random.chance(0.15)) return `after ${loadMs} ms`;
  const startMs = random.int(0, MOST_START_MS);
  azure.spawn();
  await delay(startMs);
  recording.kills += 1;
  await azure.kill();
  recording.died();
  return `after ${loadMs} ms, and again ${startMs} ms into the start`;
}

/** All clients, each of which lives through the whole run. */
async function startLoad(
  azure: AzureProcess,
  recording: Recording,
  { seed, say }: KillRunOptions,
): Promise<{ end(): Promise<void> }> {
  const { environment } = azure;
  const ending = new AbortController();
  const context: LoadContext = {
    recording,
    random: (lane) => new Random(seed + hash(lane)),
    ending: ending.signal,
  };
  const cosmos = new CosmosClient({
    endpoint: environment.COSMOS_ENDPOINT,
    key: environment.COSMOS_KEY,
  });
  const { database } = await cosmos.databases.createIfNotExists({ id: 'kills' });
  const containerOf = async (id: string, path: string) =>
    (await database.containers.createIfNotExists({ id, partitionKey: { paths: [path] } }))
      .container;
  const checkpoints = new Checkpoints(await containerOf('checkpoints', '/id'), recording);
  const hubs = environment.EVENTHUBS_CONNECTION_STRING;
  const bus = environment.SERVICEBUS_CONNECTION_STRING;
  const events = startEventLoad(hubs, checkpoints, context);
  const messages = startBusLoad(bus, context);
  const documents = startDocumentLoad(await containerOf('documents', '/lane'), context);
  const deployments = await startDeploymentLoad(environment, context);
  return {
    end: async () => {
      ending.abort();
      const all: readonly Load[] = [events, messages, documents, deployments];
      for (const { sent } of all) await sent;
      say('every sender has ended');
      await settleAccounts(bus, context);
      say('every queue is empty');
      for (const event of await readLog(hubs)) recording.events.log.push(event);
      say('every partition was read');
      await caughtUp(recording);
      for (const load of all) await load[Symbol.asyncDispose]();
      await checkpoints.verify();
      cosmos.dispose();
    },
  };
}

/** The consumer that lived through every kill has seen what a fresh one finds. */
async function caughtUp(recording: Recording): Promise<void> {
  const { live, log } = recording.events;
  const endsAt = Date.now() + CATCH_UP_MS;
  while (live.length < log.length) {
    if (Date.now() > endsAt) {
      recording.report('the consumer', `saw ${live.length} of ${log.length} events`);
      return;
    }
    await delay(50);
  }
}

/** Lanes get numbers of their own from one seed. */
function hash(text: string): number {
  return Buffer.from(text).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7);
}
