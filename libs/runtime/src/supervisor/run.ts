import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { waitMs } from '../clock.ts';
import { endWithStdinVariable } from '../service.ts';
import type { ChildExit, ChildSpec } from './child-spec.ts';
import { lineSplitter } from './lines.ts';
import type { LogFile } from './log-file.ts';
import { watchReadiness } from './readiness.ts';

/** One life of a child. */
export interface Run {
  /** Absent when it could not be started. */
  readonly pid: number | undefined;
  /** Resolves when it ended and its output is read; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Rejects when it ended, or `ended` aborted, before it was ready. */
  readonly ready: Promise<void>;
  readonly lastLines: readonly string[];
  alive(): boolean;
  /** Monotonic milliseconds since it began. */
  ageMs(): number;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

const lastLinesMax = 10;
/** How long output may still come after the end of the process, from what it left behind. */
const outputLimitMs = 200;

/** Starts the child. One that cannot be started has ended already, with the error. */
export function launch(spec: ChildSpec, file: LogFile, ended: AbortSignal): Run {
  try {
    return runOf(spawnChild(spec), spec, file, ended);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    file.write(Buffer.from(`${spec.name} could not be started: ${error.message}\n`));
    return neverBegun(error);
  }
}

/**
 * In a process group of its own, so that Ctrl-C in the terminal reaches only us and the children
 * end in order. We hold its standard input: it ends when we do.
 */
function spawnChild(spec: ChildSpec): ChildProcessWithoutNullStreams {
  const child = spawn(spec.command ?? process.execPath, spec.args, {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...spec.env?.(), [endWithStdinVariable]: '1' },
  });
  child.stdin.on('error', () => undefined);
  return child;
}

function runOf(
  child: ChildProcessWithoutNullStreams,
  spec: ChildSpec,
  file: LogFile,
  ended: AbortSignal,
): Run {
  const beganMs = performance.now();
  const over = new AbortController();
  const exited = exitOf(child);
  void exited.then(() => over.abort());
  const watch = watchReadiness(spec.ready, AbortSignal.any([ended, over.signal]));
  // Whoever does not wait for readiness must not be ended by its absence.
  watch.ready.catch(() => undefined);
  const lastLines: string[] = [];
  capture(child, file, (line) => {
    lastLines.push(line);
    if (lastLines.length > lastLinesMax) lastLines.shift();
    watch.line(line);
  });
  return {
    pid: child.pid,
    exited,
    ready: watch.ready,
    lastLines,
    alive: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    ageMs: () => performance.now() - beganMs,
    kill: (signal) => {
      child.kill(signal);
      // A child that waits for the end of its input would be held by ours.
      child.stdin.destroy();
    },
  };
}

function neverBegun(error: Error): Run {
  const ready = Promise.reject(error);
  ready.catch(() => undefined);
  return {
    pid: undefined,
    exited: Promise.resolve({ code: null, signal: null, error }),
    ready,
    lastLines: [],
    alive: () => false,
    ageMs: () => 0,
    kill: () => undefined,
  };
}

function capture(child: ChildProcess, file: LogFile, line: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    const split = lineSplitter(line);
    stream?.on('data', (chunk: Buffer) => {
      file.write(chunk);
      split(chunk);
    });
  }
}

async function exitOf(child: ChildProcess): Promise<ChildExit> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  const exit = await new Promise<ChildExit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await Promise.race([closed, waitMs(outputLimitMs)]);
  return exit;
}
