import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LocalAzureEnvironment } from '../../src/index.ts';
import type { Random } from './random.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const READY_LIMIT_MS = 60_000;
/**
 * Below the ports that the system gives to outgoing connections: a client that dials a dead server's
 * port again and again would sooner or later be given that very port, and talk to itself.
 */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];
const PROVISIONING_SECONDS = 0.4;

/** The embedded Azure as a process that is killed and comes back on the same folder and ports. */
export class AzureProcess {
  readonly #folder: string;
  readonly #ports: readonly number[];
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(folder: string, ports: readonly number[]) {
    this.#folder = folder;
    this.#ports = ports;
  }

  static async on(folder: string, random: Random): Promise<AzureProcess> {
    const ports: number[] = [];
    while (ports.length < 3) {
      const port = random.int(FIRST_PORT, LAST_PORT);
      if (!ports.includes(port) && (await isFree(port))) ports.push(port);
    }
    return new AzureProcess(folder, ports);
  }

  get environment(): LocalAzureEnvironment {
    const text = readFileSync(join(this.#folder, 'env.json'), 'utf8');
    return JSON.parse(text) as LocalAzureEnvironment;
  }

  /** Starts it; resolves when it is ready, with the milliseconds that this took. */
  async start(): Promise<number> {
    const startedAt = performance.now();
    const child = this.spawn();
    const signal = AbortSignal.timeout(READY_LIMIT_MS);
    const line = once(createInterface(child.stdout), 'line', { signal });
    const ended = once(child, 'close', { signal }).then(() => undefined);
    line.catch(() => undefined);
    ended.catch(() => undefined);
    const first = (await Promise.race([line, ended])) as [string] | undefined;
    if (first === undefined) throw new Error(`The embedded Azure did not start:\n${this.#log}`);
    return performance.now() - startedAt;
  }

  /** Starts it without waiting, to be killed while it reads its files. */
  spawn() {
    const [amqp, cosmos, arm] = this.#ports.map(String);
    const ports = ['--amqp-port', amqp, '--cosmos-port', cosmos, '--arm-port', arm].map(String);
    const args = [MAIN, '--data', this.#folder, ...ports];
    const child = spawn(
      process.execPath,
      [...args, '--provisioning-seconds', String(PROVISIONING_SECONDS)],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LOG_LEVEL: 'warn' } },
    );
    this.#log = '';
    child.stderr.on('data', (chunk) => (this.#log = (this.#log + String(chunk)).slice(-4000)));
    this.#child = child;
    return child;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** It ended although nobody killed it. */
  get hasCrashed(): string | undefined {
    const child = this.#child;
    const isOver = child !== undefined && (child.exitCode !== null || child.signalCode !== null);
    return isOver ? this.#log : undefined;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
