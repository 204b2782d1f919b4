import { Child } from './child.ts';
import type { ChildEvent, ChildSpec } from './child-spec.ts';

export interface SupervisorOptions {
  /** Where each child's output goes: `<name>.log`, rotated once. */
  readonly logDir: string;
  readonly onEvent?: (event: ChildEvent) => void;
  /** Aborts the start: what was started is stopped again. After the start, call `stop`. */
  readonly signal?: AbortSignal;
  /** How long a child may take to be ready for the first time. */
  readonly readyLimitMs?: number;
  /** From SIGTERM to SIGKILL. Longer than the children's own drain limit. */
  readonly stopLimitMs?: number;
  /** Ends that wait: from then on whatever still runs is killed when it is to stop. */
  readonly hurry?: AbortSignal;
}

export interface Supervisor extends AsyncDisposable {
  /** Ends all in reverse order, each before the next. May be called again. */
  stop(): Promise<void>;
  /** SIGKILL; it is started again. Its process id, or `undefined` when it does not run now. */
  kill(name: string): number | undefined;
  pid(name: string): number | undefined;
}

export const readyLimitMs = 60_000;
export const stopLimitMs = 15_000;

/**
 * Starts the children in order, each when the one before is ready, and starts again whichever
 * ends, after a pause that is short at first. Rejects with `ChildFailed` when one cannot be
 * brought up, or with the signal's reason; nothing is left running then.
 */
export async function supervise(
  specs: readonly ChildSpec[],
  options: SupervisorOptions,
): Promise<Supervisor> {
  const children = createChildren(specs, options);
  try {
    await startInOrder(children, options.signal ?? new AbortController().signal);
  } catch (error) {
    await stopInReverse(children);
    throw error;
  }
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopInReverse(children));
  const child = (name: string) => childOf(children, name);
  return {
    stop,
    kill: (name) => child(name).kill(),
    pid: (name) => child(name).pid,
    [Symbol.asyncDispose]: stop,
  };
}

function createChildren(specs: readonly ChildSpec[], options: SupervisorOptions): Child[] {
  const names = new Set(specs.map((spec) => spec.name));
  if (names.size < specs.length) throw new TypeError('two children have one name');
  const around = {
    logDir: options.logDir,
    readyLimitMs: options.readyLimitMs ?? readyLimitMs,
    stopLimitMs: options.stopLimitMs ?? stopLimitMs,
    hurry: options.hurry ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => undefined),
  };
  return specs.map((spec) => new Child(spec, around));
}

async function startInOrder(children: readonly Child[], signal: AbortSignal): Promise<void> {
  for (const child of children) {
    signal.throwIfAborted();
    await child.start(signal);
  }
}

/** A child that was never started has nothing to end but its log file. */
async function stopInReverse(children: readonly Child[]): Promise<void> {
  for (const child of children.toReversed()) await child.stop();
}

function childOf(children: readonly Child[], name: string): Child {
  const child = children.find((one) => one.name === name);
  if (child === undefined) throw new TypeError(`no child is called ${name}`);
  return child;
}
