import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { waitMs } from '../clock.ts';
import { ChildFailed } from './child-spec.ts';
import type { ChildEvent, ChildSpec } from './child-spec.ts';
import { supervise } from './supervise.ts';
import type { Supervisor, SupervisorOptions } from './supervise.ts';

// Each test starts processes: on a busy machine that takes its time.
jest.setTimeout(30_000);

const runtime = new URL('../index.ts', import.meta.url).href;
const deadlineMs = 20_000;

/** A tiny program that says "ready" and works until SIGTERM. */
const working = `
  const kept = setInterval(() => {}, 1000);
  process.on('SIGTERM', () => { console.log('ending'); clearInterval(kept); });
  console.log('ready ' + process.env.GREETING);`;
const deaf = `setInterval(() => {}, 1000); process.on('SIGTERM', () => {}); console.log('ready');`;
const healthy = `
  import { runService, startHealth } from '${runtime}';
  await runService({ name: 'healthy', start: async ({ log, signal }) => {
    await using health = await startHealth({ port: 0, log }, { warm: () => ({ ready: true }) });
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  } });`;

function child(name: string, code: string, more: Partial<ChildSpec> = {}): ChildSpec {
  return {
    name,
    args: ['--input-type=module', '-e', code],
    ready: { kind: 'line', matches: (line) => line.startsWith('ready') },
    ...more,
  };
}

describe('supervise', () => {
  let logDir: string;
  let events: ChildEvent[];
  let supervisor: Supervisor | undefined;

  beforeEach(() => {
    logDir = mkdtempSync(join(tmpdir(), 'headroom-supervise-'));
    events = [];
    supervisor = undefined;
  });
  afterEach(async () => {
    await supervisor?.stop();
    rmSync(logDir, { recursive: true });
  });

  const start = async (specs: readonly ChildSpec[], more: Partial<SupervisorOptions> = {}) => {
    supervisor = await supervise(specs, {
      logDir,
      onEvent: (event) => events.push(event),
      ...more,
    });
    return supervisor;
  };
  const told = () => events.map((event) => `${event.kind} ${event.name}`);
  const until = async (holds: () => boolean) => {
    const endMs = performance.now() + deadlineMs;
    while (!holds()) {
      if (performance.now() > endMs) throw new Error(`not reached: ${told().join(', ')}`);
      await waitMs(5);
    }
  };
  const logOf = (name: string) => readFileSync(join(logDir, `${name}.log`), 'utf8');

  test('starts in order, each when the one before is ready, and stops in reverse', async () => {
    const running = await start([child('a', working), child('b', working)]);
    expect(told()).toEqual(['started a', 'ready a', 'started b', 'ready b']);
    await running.stop();
    expect(told().slice(4)).toEqual(['exited b', 'exited a']);
    expect(events.at(-1)).toMatchObject({ exit: { code: 0, signal: null }, expected: true });
    expect(logOf('a')).toContain('ending');
  });

  test('starts a killed child again within 250 ms', async () => {
    const running = await start([child('a', working), child('b', working)]);
    const first = running.pid('a');
    expect(running.kill('a')).toBe(first);
    await until(() => told().filter((line) => line === 'ready a').length === 2);
    expect(running.pid('a')).not.toBe(first);
    expect(events).toContainEqual({ kind: 'restarting', name: 'a', failures: 1, inMs: 100 });
    expect(events.find((event) => event.kind === 'exited')).toMatchObject({
      pid: first,
      exit: { code: null, signal: 'SIGKILL' },
      expected: false,
    });
    expect(told().filter((line) => line.endsWith(' b'))).toEqual(['started b', 'ready b']);
  });

  test('asks for the environment at each start', async () => {
    let starts = 0;
    const env = () => ({ GREETING: `number ${(starts += 1)}` });
    const running = await start([child('a', working, { env })]);
    running.kill('a');
    await until(() => told().filter((line) => line === 'ready a').length === 2);
    expect(logOf('a')).toContain('ready number 1\nready number 2');
  });

  test('an environment that cannot be read is asked for again', async () => {
    let asked = 0;
    const env = () => {
      asked += 1;
      if (asked === 2) throw new Error('the file has gone');
      return {};
    };
    const running = await start([child('a', working, { env })]);
    running.kill('a');
    await until(() => told().filter((line) => line === 'ready a').length === 2);
    expect(told().filter((line) => line === 'restarting a')).toHaveLength(2);
    expect(logOf('a')).toContain('a could not be started: the file has gone');
  });

  test('waits longer before each further start of one that keeps ending', async () => {
    let dies = false;
    const env = () => ({ CODE: dies ? 'process.exit(3)' : 'setInterval(() => {}, 1000)' });
    const args = ['-e', `console.log('ready'); eval(process.env.CODE)`];
    const running = await start([child('a', '', { env, args })]);
    dies = true;
    running.kill('a');
    await until(() => told().filter((line) => line === 'restarting a').length >= 3);
    const pauses = events.filter((event) => event.kind === 'restarting').map(({ inMs }) => inMs);
    expect(pauses.slice(0, 3)).toEqual([100, 200, 400]);
    await running.stop();
    expect(running.pid('a')).toBeUndefined();
  });

  test('finds the health page by its log line', async () => {
    await start([child('h', healthy, { ready: { kind: 'health' } })]);
    expect(told()).toEqual(['started h', 'ready h']);
  });

  test('kills one that does not hear', async () => {
    const running = await start([child('a', deaf)], { stopLimitMs: 100 });
    await running.stop();
    expect(told()).toEqual(['started a', 'ready a', 'forced a', 'exited a']);
  });

  test('waits for nobody in a hurry', async () => {
    const hurry = new AbortController();
    const running = await start([child('a', deaf), child('b', deaf)], { hurry: hurry.signal });
    const stopping = running.stop();
    hurry.abort();
    await stopping;
    expect(told().slice(4)).toEqual(['forced b', 'exited b', 'forced a', 'exited a']);
  });

  test('one that ends before it is ready fails the start, with its last lines', async () => {
    const broken = child('b', `console.error('no key'); process.exitCode = 2;`);
    const failure = start([child('a', working), broken]);
    await expect(failure).rejects.toThrow(ChildFailed);
    await expect(failure).rejects.toThrow(
      /b ended with exit code 2 before it was ready.\n.*\n  no key/,
    );
    const exits = events.filter((event) => event.kind === 'exited');
    expect(exits.map(({ name, expected }) => [name, expected])).toEqual([
      ['b', false],
      ['a', true],
    ]);
  });

  test('one that is never ready fails the start', async () => {
    const silent = child('a', 'setInterval(() => {}, 1000)');
    await expect(start([silent], { readyLimitMs: 300 })).rejects.toThrow(/not ready within 300 ms/);
    expect(told()).toEqual(['started a', 'exited a']);
  });

  test('one that cannot be started fails the start', async () => {
    const absent = child('a', '', { command: join(logDir, 'absent') });
    await expect(start([absent])).rejects.toThrow(/could not be started: .*ENOENT/);
  });

  test('an aborted start leaves nothing running', async () => {
    const stop = new AbortController();
    const silent = child('b', 'setInterval(() => {}, 1000)');
    const starting = start([child('a', working), silent], {
      signal: stop.signal,
      onEvent: (event) => {
        events.push(event);
        if (event.kind === 'started' && event.name === 'b') stop.abort(new Error('Ctrl-C'));
      },
    });
    await expect(starting).rejects.toThrow('Ctrl-C');
    expect(told().slice(-2)).toEqual(['exited b', 'exited a']);
  });
});
