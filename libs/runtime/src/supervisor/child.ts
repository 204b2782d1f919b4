import { join } from 'node:path';
import { backoffMs } from '../backoff.ts';
import { hasAborted, waitMs } from '../clock.ts';
import { ChildFailed } from './child-spec.ts';
import type { ChildEvent, ChildExit, ChildSpec } from './child-spec.ts';
import { openLogFile } from './log-file.ts';
import type { LogFile } from './log-file.ts';
import { launch } from './run.ts';
import type { Run } from './run.ts';

export interface ChildSurroundings {
  readonly logDir: string;
  readonly readyLimitMs: number;
  readonly stopLimitMs: number;
  readonly hurry: AbortSignal;
  readonly onEvent: (event: ChildEvent) => void;
}

/** The first restart is quick: most ends are kills and crashes that do not repeat at once. */
export const restartBackoff = { firstMs: 100, maxMs: 10_000 } as const;
/** A child that lived this long has recovered: its next end is a first one again. */
const recoveredAfterMs = 30_000;

/**
 *   start() ─► starting ─ ready ─► kept alive ─ ends ─► pause ─► starting …
 *                 │ ends or limit       │ stop()          │ stop()
 *                 ▼                     ▼                 ▼
 *               failed                stopped           stopped
 */
export class Child {
  readonly name: string;
  readonly #spec: ChildSpec;
  readonly #around: ChildSurroundings;
  readonly #file: LogFile;
  readonly #stopping = new AbortController();
  #run: Run | undefined;
  #keptAlive: Promise<void> = Promise.resolve();

  constructor(spec: ChildSpec, around: ChildSurroundings) {
    this.name = spec.name;
    this.#spec = spec;
    this.#around = around;
    this.#file = openLogFile(join(around.logDir, `${spec.name}.log`));
  }

  /** The process that is there now. */
  get pid(): number | undefined {
    return this.#run?.alive() === true ? this.#run.pid : undefined;
  }

  /** Resolves when it is ready for the first time; from then on it is kept alive. */
  async start(signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(this.#around.readyLimitMs);
    const run = this.#launch(AbortSignal.any([signal, limit]));
    try {
      await run.ready;
    } catch {
      const why = run.alive() ? `was not ready within ${this.#around.readyLimitMs} ms` : undefined;
      await this.stop();
      signal.throwIfAborted();
      throw this.#failure(run, why ?? endText(await run.exited));
    }
    this.#keptAlive = this.#keepAlive(run);
  }

  /** SIGTERM, and after the limit or in a hurry SIGKILL of that process. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const run = this.#run;
    if (run?.alive() === true) {
      run.kill('SIGTERM');
      const over = AbortSignal.any([this.#endOf(run), this.#around.hurry]);
      await Promise.race([run.exited, waitMs(this.#around.stopLimitMs, over)]);
      if (run.alive()) this.#force(run);
    }
    await run?.exited;
    await this.#keptAlive;
    this.#file.close();
  }

  /** SIGKILL; it is started again. Its process id, or `undefined` when it does not run. */
  kill(): number | undefined {
    const { pid } = this;
    if (pid !== undefined) this.#run?.kill('SIGKILL');
    return pid;
  }

  async #keepAlive(first: Run): Promise<void> {
    let failures = 0;
    for (let run = first; ; run = this.#launch(this.#stopping.signal)) {
      await run.exited;
      if (hasAborted(this.#stopping.signal)) return;
      failures = run.ageMs() > recoveredAfterMs ? 1 : failures + 1;
      const inMs = backoffMs(failures, restartBackoff);
      this.#around.onEvent({ kind: 'restarting', name: this.name, failures, inMs });
      await waitMs(inMs, this.#stopping.signal);
      if (hasAborted(this.#stopping.signal)) return;
    }
  }

  #launch(ended: AbortSignal): Run {
    const run = launch(this.#spec, this.#file, ended);
    this.#run = run;
    const { name } = this;
    const { pid } = run;
    if (pid === undefined) return run;
    this.#around.onEvent({ kind: 'started', name, pid });
    void run.ready.then(
      () => this.#around.onEvent({ kind: 'ready', name, pid, tookMs: run.ageMs() }),
      () => undefined,
    );
    void run.exited.then((exit) => {
      const expected = this.#stopping.signal.aborted;
      this.#around.onEvent({ kind: 'exited', name, pid, exit, expected });
    });
    return run;
  }

  #endOf(run: Run): AbortSignal {
    const ended = new AbortController();
    void run.exited.then(() => ended.abort());
    return ended.signal;
  }

  #force(run: Run): void {
    if (run.pid !== undefined) {
      this.#around.onEvent({ kind: 'forced', name: this.name, pid: run.pid });
    }
    run.kill('SIGKILL');
  }

  #failure(run: Run, why: string): ChildFailed {
    return new ChildFailed(this.name, why, run.lastLines, this.#file.path);
  }
}

function endText({ code, signal, error }: ChildExit): string {
  if (error !== undefined) return `could not be started: ${error.message}`;
  const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`;
  return `ended ${how} before it was ready`;
}
