import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { amountText, durationText, instant, minuteMs, type Millis } from '@headroom/core';
import { demoDeployment, readTrace, readTrafficSample, trafficOf } from '@headroom/demo';
import type { ModelRequest } from '@headroom/demo';
import type { Clock } from '@headroom/ports';
import { systemClock, type Supervisor } from '@headroom/runtime';
import { CommandFailed, messageOf } from '../command-failed.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { AiCalls } from '../up/ai-calls.ts';
import { startAiServices, type AiServices } from '../up/ai-services.ts';
import { watchEnding, type Ending } from '../up/ending.ts';
import { carryOut, killsOnce, killsRandom, usualSpanMs, type Kill } from '../up/kills.ts';
import { lockDataFolder } from '../up/lock.ts';
import { managementOf } from '../up/management.ts';
import { ChildNarrator } from '../up/narrate-children.ts';
import { openView, type Format } from '../up/open-view.ts';
import { openScene, type Scene } from '../up/scene.ts';
import { settle, type Settled } from '../up/settle.ts';
import { azureName, serviceNames, stackEnvironment, startStack } from '../up/stack.ts';
import { Tally } from '../up/tally.ts';
import { AuditWatch } from '../up/watch.ts';
import { Workload } from '../up/workload.ts';
import { shortName } from '../text/target-name.ts';
import type { RunSummary, ShownEvent } from '../view/shown-event.ts';

export interface UpOptions {
  readonly data: string;
  readonly format: Format;
  /** Until Ctrl-C when absent. */
  readonly forMs?: Millis;
  readonly kills?: 'once' | 'random';
  readonly seed: number;
  /** How many `ingest` processes. */
  readonly instances: number;
  /** The embedded Azure takes no keys: everything comes in by `DefaultAzureCredential`. */
  readonly disableLocalAuth: boolean;
  /** A file of calls that take the place of the sample's calls of models. */
  readonly trace?: string;
}

/** A run that lasts this long has to show an action in both directions. */
export const bothWaysAfterMs: Millis = 4 * minuteMs;

/** How long a killed process may take to come back at the end. */
const backLimitMs: Millis = 30_000;

/** `headroom up`: the whole system on this machine, with a workload that it scales. */
export async function up(options: UpOptions, around: Surroundings): Promise<ExitCode> {
  const dataDir = resolve(options.data);
  using held = new DisposableStack();
  const ending = held.use(watchEnding(options.forMs));
  held.use(lockDataFolder(dataDir));
  const view = openView(options.format, around);
  const show = (event: ShownEvent) => view.show(event);
  try {
    return await run({ ...options, data: dataDir }, ending, show);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    if (ending.asked()) return 0;
    throw new CommandFailed('The time was over before everything had started: give --for more', {
      cause: error,
    });
  } finally {
    view.close();
  }
}

/** Everything that was started has ended when it resolves, the embedded Azure last. */
async function run(
  options: UpOptions,
  ending: Ending,
  show: (event: ShownEvent) => void,
): Promise<ExitCode> {
  const beganMs = performance.now();
  const elapsedMs = () => performance.now() - beganMs;
  const step = (text: string) => show({ kind: 'step', text });
  const narrator = new ChildNarrator(show, elapsedMs);
  const trace = await traceOf(options);
  step(`starting the embedded Azure and the services; data and logs in ${options.data}`);
  await using ai = await startAiServices();
  const keyFile = join(options.data, 'gateway-key');
  await writeFile(keyFile, ai.keys.get('you') ?? '', { mode: 0o600 });
  const management = await managementOf(options.data);
  await using supervisor = await startStack({
    dataDir: options.data,
    instances: options.instances,
    disableLocalAuth: options.disableLocalAuth,
    gateway: (azure) => ({ ...ai.gateway, ...management(azure) }),
    onEvent: (event) => narrator.take(event),
    signal: ending.signal,
    hurry: ending.hurry,
  });
  await using scene = await openScene(stackEnvironment(options.data), show);
  const session = { options, trace, ending, show, supervisor, scene, ai, narrator, elapsedMs };
  const call = `curl -i -H "api-key: $(cat ${keyFile})" -d '{}' ${ai.address}/vision/vision/v3.2/analyze`;
  step(`the gateway takes calls of yours as well: ${call}`);
  step(`az switches autoscale of accounts at ${ai.managementAddress}: docs/gateway.md says how`);
  step('running; times are UTC, Ctrl-C ends everything in order, a second one at once');
  const summary = await watchRun(session);
  if (summary !== undefined) show({ kind: 'summary', summary });
  step('stopping everything, the embedded Azure last');
  return (summary?.problems.length ?? 0) === 0 ? 0 : 1;
}

interface Session {
  readonly options: UpOptions;
  /** Calls that take the place of the sample's calls of models. */
  readonly trace: { readonly trace?: readonly ModelRequest[] };
  readonly ending: Ending;
  readonly show: (event: ShownEvent) => void;
  readonly supervisor: Supervisor;
  readonly scene: Scene;
  readonly ai: AiServices;
  readonly narrator: ChildNarrator;
  readonly elapsedMs: () => Millis;
}

/** Until the end; then, where the run is one that is checked, what it came to. */
async function watchRun(session: Session): Promise<RunSummary | undefined> {
  const { options, trace, ending, show, scene, ai } = session;
  const clock = systemClock(instant);
  const tally = new Tally();
  const watch = new AuditWatch({
    audit: scene.audit,
    targets: scene.targets,
    clock,
    show,
    found: (record) => {
      const event = tally.take(record);
      if (event !== undefined) show(event);
    },
  });
  const traffic = trafficOf(await readTrafficSample());
  const { models: deployments, arm } = scene;
  const workload = new Workload({ ...scene, deployment: demoDeployment, traffic, clock, show });
  const calls = new AiCalls({
    services: ai,
    traffic,
    deployments,
    arm,
    clock,
    show,
    ...trace,
  });
  const watching = new AbortController();
  const watched = watch.run(watching.signal);
  try {
    const killed = killAsPlanned(session, clock, () => workload.capacity.busy);
    const polled = scene.polled.workload.run(ending.signal);
    await Promise.all([workload.run(ending.signal), calls.run(ending.signal), polled, killed]);
    const checked = options.kills !== undefined || (options.forMs !== undefined && !ending.asked());
    if (!checked) return undefined;
    show({ kind: 'step', text: 'the workload has ended; waiting for what is still running' });
    await untilAllAreBack(session, clock);
    const settled = await settle({ ...scene, clock }, ending.hurry);
    await watch.poll();
    return summarise(session, tally, settled);
  } finally {
    watching.abort();
    await watched;
  }
}

/** One that was killed just before the end may still be starting. */
async function untilAllAreBack({ narrator, ending }: Session, clock: Clock): Promise<void> {
  const giveUpAtMs = clock.monotonicMs() + backLimitMs;
  while (narrator.missing.length > 0 && clock.monotonicMs() < giveUpAtMs) {
    if (ending.hurry.aborted) return;
    await clock.wait(100, ending.hurry);
  }
}

async function killAsPlanned(
  session: Session,
  clock: Clock,
  scaling: () => boolean,
): Promise<void> {
  const { ending, supervisor, narrator, elapsedMs } = session;
  const kill = (name: string) => {
    const pid = supervisor.kill(name);
    if (pid !== undefined) narrator.killed(name, pid);
    return pid !== undefined;
  };
  await carryOut(plannedKills(session), { elapsedMs, scaling, kill, clock }, ending.signal);
}

function plannedKills({ options, show }: Session): Iterable<Kill> {
  if (options.kills === undefined) return [];
  if (options.kills === 'once') return killsOnce(options.forMs ?? usualSpanMs);
  const again = `repeat them with --kills random --seed ${options.seed}`;
  show({ kind: 'step', text: `random kills: ${again}` });
  return killsRandom([azureName, ...serviceNames(options.instances)], options.seed);
}

function summarise(
  { options, scene, narrator, elapsedMs }: Session,
  tally: Tally,
  settled: Settled,
): RunSummary {
  const long = (options.forMs ?? 0) >= bothWaysAfterMs;
  const problems = [
    ...settled.problems,
    ...narrator.missing.map((name) => `${name} was killed and did not come back`),
    ...(long ? missed(scene, tally, options.forMs ?? 0) : []),
  ];
  const capacities = [...settled.capacities].map(
    ([target, capacity]) => `${shortName(target)} ${amountText(target, capacity)}`,
  );
  const { kills } = narrator;
  return tally.summary({ capacities, lastedMs: elapsedMs(), kills, problems });
}

/** What a run of that length has to show, and did not. */
function missed(
  { target, polled, models, limit }: Scene,
  tally: Tally,
  forMs: Millis,
): readonly string[] {
  const must = `in ${durationText(forMs)}`;
  const isMoved = [...models.values()].some((model) => tally.wentUp(model));
  return [
    ...(tally.wentBothWays(target)
      ? []
      : [`${must} a ScaleOut and a ScaleIn of ${shortName(target)} must have been applied`]),
    ...(tally.wentUp(polled.target)
      ? []
      : [
          `${must} a ScaleOut of ${shortName(polled.target)} must have been applied, by what the poller brought`,
        ]),
    ...(tally.wentUp(limit) ? [] : [`${must} the limit ${shortName(limit)} must have been raised`]),
    ...(tally.found('SpendGuard') ? [] : [`${must} a cap in money must have been reached`]),
    ...(isMoved ? [] : [`${must} quota must have been moved to a throttled model deployment`]),
  ];
}

async function traceOf({ trace }: UpOptions) {
  if (trace === undefined) return {};
  try {
    return { trace: await readTrace(trace) };
  } catch (error) {
    throw new CommandFailed(`--trace ${trace} cannot be read: ${messageOf(error)}`);
  }
}
