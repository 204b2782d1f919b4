import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const startLimitMs = 30_000;

/** A process of the system under measurement. */
export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #lines: string[] = [];

  /** `script` from the root of the repository. */
  constructor(name: string, script: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#name = name;
    this.#process = spawn(process.execPath, [root + script, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > 5_000) this.#lines.shift();
      });
    }
  }

  /** The first line that matches, of those written and to come. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    const endsAt = Date.now() + startLimitMs;
    for (;;) {
      for (const line of this.#lines) {
        const match = pattern.exec(line);
        if (match !== null) return match;
      }
      if (Date.now() > endsAt || this.#process.exitCode !== null) {
        throw new Error(
          `${this.#name} said no ${String(pattern)}:\n${this.#lines.slice(-5).join('\n')}`,
        );
      }
      await wait(10);
    }
  }

  /** User and system time so far, in seconds, as Linux counts it (10 ms steps). */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error(`${this.#name} did not start`);
    return pid;
  }

  kill(): void {
    this.signal('SIGKILL');
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await Promise.race([ended, wait(15_000, undefined, { ref: false })]);
    this.#process.kill('SIGKILL');
  }
}

/** A service with its health page. */
export class Service extends Child {
  #url: string | undefined;

  static async start(name: string, env: NodeJS.ProcessEnv): Promise<Service> {
    const service = new Service(name, `services/${name}/src/main.ts`, [], {
      ...env,
      HEALTH_PORT: '0',
    });
    const [, url] = await service.line(/"event":"health[.]listening".*"url":"([^"]+)"/);
    service.#url = url;
    return service;
  }

  async health(): Promise<HealthPage> {
    const answer = await fetch(`${this.#url ?? ''}/health`);
    return (await answer.json()) as HealthPage;
  }
}

/** The parts of the page that the benches read. */
export interface HealthPage {
  readonly status: string;
  readonly checks: {
    readonly router?: { readonly wanted: number; readonly unwanted: number };
    readonly evaluator?: { readonly partitions: readonly number[]; readonly evaluations: number };
    readonly settings?: { readonly known: number };
  };
}

/** Asks until `done`, at most `limitMs`. */
export async function until<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  limitMs: number,
  everyMs = 20,
): Promise<T> {
  const endsAt = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > endsAt) throw new Error(`not within ${limitMs} ms: ${JSON.stringify(answer)}`);
    await wait(everyMs);
  }
}
