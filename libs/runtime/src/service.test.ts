import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, jest, test } from '@jest/globals';
import { endWithStdinVariable, forcedExitCode } from './service.ts';

// Each test starts processes: on a busy machine that takes its time.
jest.setTimeout(30_000);

const runtime = new URL('./index.ts', import.meta.url).href;

interface Ended {
  readonly code: number | null;
  readonly events: readonly string[];
  readonly output: string;
}

/** Runs a service whose `start` has this body; `at` is called with each event of its log. */
async function runBody(
  body: string,
  at: (event: string, child: ChildProcessWithoutNullStreams) => void = () => undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const code = `
    import * as runtime from '${runtime}';
    await runtime.runService({
      name: 'probe', drainLimitMs: Number(process.env.DRAIN_LIMIT_MS ?? 20_000),
      start: async ({ env, log, signal }) => { ${body} },
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const events: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    const { event } = JSON.parse(line) as { event: string };
    events.push(event);
    at(event, child);
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { code: exitCode, events, output: lines.join('\n') };
}

const untilAborted = `
  const kept = setInterval(() => {}, 1000);
  log.info('working');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(kept);`;

describe('runService', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it in order, with exit code 0',
    async (name) => {
      const ended = await runBody(`${untilAborted} log.info('drained');`, (event, child) => {
        if (event === 'working') child.kill(name);
      });
      expect(ended.code).toBe(0);
      expect(ended.events).toEqual([
        'service.starting',
        'working',
        'service.ending',
        'drained',
        'service.ended',
      ]);
    },
  );

  test('a second signal ends it at once', async () => {
    const ended = await runBody(
      `setInterval(() => {}, 1000); log.info('working'); await new Promise(() => {});`,
      (event, child) => {
        if (event === 'working' || event === 'service.ending') child.kill('SIGINT');
      },
    );
    expect(ended.code).toBe(forcedExitCode);
    expect(ended.output).toContain('second SIGINT');
  });

  test('work that does not end within the limit is cut off', async () => {
    const ended = await runBody(
      `setInterval(() => {}, 1000); log.info('working'); await new Promise(() => {});`,
      (event, child) => {
        if (event === 'working') child.kill('SIGTERM');
      },
      { DRAIN_LIMIT_MS: '200' },
    );
    expect(ended.code).toBe(forcedExitCode);
    expect(ended.events).toContain('service.forced');
    expect(ended.output).toContain('drain limit');
  });

  test('a handle left open does not keep the process', async () => {
    const ended = await runBody(`${untilAborted} setInterval(() => {}, 1000);`, (event, child) => {
      if (event === 'working') child.kill('SIGTERM');
    });
    expect(ended.code).toBe(0);
    expect(ended.events).toContain('service.lingers');
  });

  test('the end of the parent’s pipe ends it; the parent’s signal after it is the same wish', async () => {
    const ended = await runBody(
      `${untilAborted}
      const waiting = setInterval(() => {}, 1000);
      const signalled = new Promise((resolve) => process.once('SIGTERM', resolve));
      log.info('draining');
      await signalled;
      clearInterval(waiting);`,
      (event, child) => {
        if (event === 'working') child.stdin.destroy();
        if (event === 'draining') child.kill('SIGTERM');
      },
      { [endWithStdinVariable]: '1' },
    );
    expect(ended.code).toBe(0);
    expect(ended.output).toContain('end of standard input');
  });

  test('a failed start is one log line and exit code 1', async () => {
    const ended = await runBody(`throw new Error('no hub; SharedAccessKey=abc');`);
    expect(ended.code).toBe(1);
    expect(ended.events).toEqual(['service.starting', 'service.failed']);
    expect(ended.output).toContain('no hub; SharedAccessKey=[redacted]');
  });

  test('a wrong environment is told by variable', async () => {
    const ended = await runBody(`
      runtime.readEnv('probe', { cosmos: runtime.cosmosAccount() }, {});`);
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('COSMOS_ENDPOINT: missing');
    expect(ended.output).not.toContain('stack');
  });

  test('an error that nobody caught ends it with a log line', async () => {
    const ended = await runBody(
      `setTimeout(() => { throw new Error('loose'); }, 1); await new Promise(() => {});`,
    );
    expect(ended.code).toBe(1);
    expect(ended.events).toContain('service.crashed');
  });

  test('one that stops unasked has failed', async () => {
    const ended = await runBody('');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('ended without being asked to');
  });
});
