import { createLog, logLevelOf } from './log.ts';
import type { EventLog } from './log.ts';
import { EnvironmentError } from './env.ts';
import type { Environment } from './env.ts';

/**
 *           start()
 * starting ────────► running ── SIGTERM, SIGINT, end of stdin ──► draining ──► ended (0)
 *    │                  │                                            │
 *    └──── rejects ─────┴─────► ended (1)       limit, second signal ┴──► forced (70)
 *
 * `start` does the whole work: it resolves when `signal` aborted and what was in flight is settled.
 */
export interface ServiceSpec {
  readonly name: string;
  start(context: ServiceContext): Promise<void>;
  /** How long the work may take to end once it is asked to. */
  readonly drainLimitMs?: number;
}

export interface ServiceContext {
  readonly env: Environment;
  readonly log: EventLog;
  /** Aborts when the process is to end. */
  readonly signal: AbortSignal;
}

export const drainLimitMs = 10_000;
/** How long the process may live on after its work has ended, by a timer or socket left open. */
const lingerLimitMs = 2_000;
const failedExitCode = 1;
/** The process was ended by force: work may have been cut off; it comes back, as after a kill. */
export const forcedExitCode = 70;

/** Set by a supervisor that holds our standard input: its end is the supervisor's end. */
export const endWithStdinVariable = 'END_WITH_STDIN';

/**
 * Runs a service as this process: signals, drain limit, exit code. The process ends by having
 * nothing left to do; force is used only past a limit.
 */
export async function runService(spec: ServiceSpec): Promise<void> {
  const env = process.env;
  const log = createLog(spec.name, { level: logLevelOf(env.LOG_LEVEL) });
  logCrashes(log);
  const ending = watchForEnd(spec.drainLimitMs ?? drainLimitMs, env, log);
  log.info('service.starting', { node: process.version });
  try {
    await spec.start({ env, log, signal: ending.signal });
    if (!ending.signal.aborted) throw new Error(`${spec.name} ended without being asked to`);
    log.info('service.ended', {});
  } catch (error) {
    process.exitCode = failedExitCode;
    log.error('service.failed', failureOf(error));
    if (error instanceof EnvironmentError) process.stderr.write(`${error.message}\n`);
  }
  ending.settled();
  endWithin(lingerLimitMs, log);
}

/** An error that nobody caught ends the process, as Node does by itself; here it gets its line. */
function logCrashes(log: EventLog): void {
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    log.error('service.crashed', { origin, error });
  });
}

interface Ending {
  readonly signal: AbortSignal;
  /** The work has ended: the drain limit no longer counts. */
  settled(): void;
}

function watchForEnd(limitMs: number, env: Environment, log: EventLog): Ending {
  const ending = new AbortController();
  let limit: NodeJS.Timeout | undefined;
  const end = (cause: string) => {
    if (ending.signal.aborted) return;
    log.info('service.ending', { cause, limitMs });
    limit = setTimeout(() => force('drain limit', log), limitMs).unref();
    ending.abort(new Error(`ended by ${cause}`));
  };
  let signals = 0;
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      signals += 1;
      // The end of the parent's pipe may come just before its signal: that is one wish, not two.
      if (signals > 1) force(`second ${name}`, log);
      end(name);
    });
  }
  if (env[endWithStdinVariable] === '1') watchStdin(() => end('end of standard input'));
  return { signal: ending.signal, settled: () => clearTimeout(limit) };
}

/** A killed supervisor sends no signal, but the pipe that it held ends. */
function watchStdin(ended: () => void): void {
  process.stdin.on('end', ended).on('error', ended).resume();
  // Waiting for the parent's end must not keep a process alive that has nothing else to do.
  (process.stdin as { unref?: () => void }).unref?.();
}

function endWithin(limitMs: number, log: EventLog): void {
  const timer = setTimeout(() => {
    log.warn('service.lingers', { held: process.getActiveResourcesInfo() });
    // The work has ended; what is left is a handle that somebody forgot.
    process.exit();
  }, limitMs);
  timer.unref();
}

function force(cause: string, log: EventLog): void {
  log.error('service.forced', { cause, exitCode: forcedExitCode });
  process.exit(forcedExitCode);
}

/** A wrong environment is the operator's to mend: the message says it all, a stack hides it. */
function failureOf(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof EnvironmentError
    ? { problem: error.message, problems: error.problems }
    : { error };
}
