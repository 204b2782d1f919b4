import type { HealthReport } from './health.ts';
import type { EventLog } from './log.ts';
import { backoffMs } from './backoff.ts';
import { hasAborted, waitMs } from './clock.ts';

/** A part of a service that works until its signal aborts. */
export interface Stage {
  /** Asks the dependency once, cheaply, before the work begins; rejects while it is away. */
  readonly probe?: () => Promise<unknown>;
  /** Resolves when `signal` aborts; rejects when the work cannot go on. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface StagesOptions {
  readonly log: EventLog;
  /** Errors after which trying again is no use, beside a programmer's. They end the service. */
  readonly fatal?: (error: unknown) => boolean;
}

export interface Stages<Name extends string> {
  /** Resolves when `signal` aborted and every stage ended; rejects with the first fatal error. */
  run(signal: AbortSignal): Promise<void>;
  /** One check a stage, for the health page. */
  readonly checks: Readonly<Record<Name, () => HealthReport>>;
}

/** A stage that ran this long has recovered: its next failure is a first one again. */
const recoveredAfterMs = 60_000;
export const stageBackoff = { firstMs: 200, maxMs: 10_000 } as const;

/**
 * Runs the stages side by side. One that fails begins again after a pause that doubles up to a
 * cap, for as long as it takes: a dependency that is away at the start is waited for.
 */
export function createStages<Name extends string>(
  stages: Readonly<Record<Name, Stage>>,
  options: StagesOptions,
): Stages<Name> {
  const states = new Map<string, StageState>();
  const named = Object.entries<Stage>(stages);
  const checks = Object.fromEntries<() => HealthReport>(
    named.map(([name]) => [name, () => states.get(name) ?? waiting]),
  );
  return {
    // The names are those of `stages`: fromEntries forgets them.
    checks: checks as Record<Name, () => HealthReport>,
    run: (signal) =>
      runTogether(signal, (ended) =>
        named.map(([name, stage]) =>
          keepRunning({ name, stage, ended, options, say: (state) => states.set(name, state) }),
        ),
      ),
  };
}

/** A type, not an interface: those do not fit a report's open fields. */
type StageState = {
  readonly ready: boolean;
  readonly state: 'waiting' | 'connecting' | 'running' | 'pausing' | 'ended';
  readonly failures?: number;
  /** Why it is not running, in the dependency's words. */
  readonly problem?: string;
};

const waiting: StageState = { ready: false, state: 'waiting' };

interface Kept {
  readonly name: string;
  readonly stage: Stage;
  readonly ended: AbortSignal;
  readonly options: StagesOptions;
  readonly say: (state: StageState) => void;
}

async function runTogether(
  signal: AbortSignal,
  begin: (ended: AbortSignal) => readonly Promise<void>[],
): Promise<void> {
  const failed = new AbortController();
  const runs = begin(AbortSignal.any([signal, failed.signal])).map((run) =>
    run.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(runs);
  if (failed.signal.aborted) throw failed.signal.reason;
}

async function keepRunning({ name, stage, ended, options, say }: Kept): Promise<void> {
  for (let failures = 0; !ended.aborted;) {
    const beganMs = performance.now();
    try {
      await runOnce(stage, ended, failures, say);
      // A stage that stops by itself has lost its source: to begin again is all that can be done.
      if (!hasAborted(ended)) throw new Error(`stage ${name} ended without being asked to`);
    } catch (error) {
      if (isProgrammers(error) || options.fatal?.(error) === true) throw error;
      if (hasAborted(ended)) options.log.warn('stage.endFailed', { stage: name, error });
      failures = performance.now() - beganMs > recoveredAfterMs ? 1 : failures + 1;
      await pause(name, error, failures, { ended, options, say });
    }
  }
  say({ ready: false, state: 'ended' });
}

/** The process is not to be trusted any more: it ends, and what it had in hand comes back. */
function isProgrammers(error: unknown): boolean {
  return error instanceof Error && programmers.has(error.name);
}

const programmers: ReadonlySet<string> = new Set(['AssertionError', 'ReferenceError', 'TypeError']);

async function runOnce(
  stage: Stage,
  ended: AbortSignal,
  failures: number,
  say: Kept['say'],
): Promise<void> {
  if (failures === 0) say({ ready: false, state: 'connecting' });
  await stage.probe?.();
  if (hasAborted(ended)) return;
  say({ ready: true, state: 'running', failures });
  await stage.run(ended);
}

async function pause(
  name: string,
  error: unknown,
  failures: number,
  { ended, options, say }: Pick<Kept, 'ended' | 'options' | 'say'>,
): Promise<void> {
  if (ended.aborted) return;
  const againInMs = backoffMs(failures, stageBackoff);
  const problem = error instanceof Error ? error.message : String(error);
  say({ ready: false, state: 'pausing', failures, problem });
  options.log.warn('stage.failed', { stage: name, failures, againInMs, error });
  await waitMs(againInMs, ended);
}
