import type { Environment } from '../env.ts';

/** A process that is kept alive. */
export interface ChildSpec {
  readonly name: string;
  /** This Node unless given. */
  readonly command?: string;
  readonly args: readonly string[];
  /** Asked at each start and laid over our own: what one child writes another may need. */
  readonly env?: () => Environment;
  readonly ready: Readiness;
}

/** How a child shows that it can be used. */
export type Readiness =
  /** A line of its standard output. */
  | { readonly kind: 'line'; readonly matches: (line: string) => boolean }
  /** An address that answers 200. */
  | { readonly kind: 'url'; readonly url: string }
  /** It logs `health.listening` with its address; then `/health/ready` there answers 200. */
  | { readonly kind: 'health' };

/** What happens to the children, in order. */
export type ChildEvent =
  | { readonly kind: 'started'; readonly name: string; readonly pid: number }
  | { readonly kind: 'ready'; readonly name: string; readonly pid: number; readonly tookMs: number }
  | {
      readonly kind: 'exited';
      readonly name: string;
      readonly pid: number;
      readonly exit: ChildExit;
      /** We asked it to end. */
      readonly expected: boolean;
    }
  /** It begins again after the pause; `failures` in a row so far. */
  | {
      readonly kind: 'restarting';
      readonly name: string;
      readonly failures: number;
      readonly inMs: number;
    }
  /** It did not end in time and was killed. */
  | { readonly kind: 'forced'; readonly name: string; readonly pid: number };

export interface ChildExit {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** It could not be started at all. */
  readonly error?: Error;
}

/** Of a line in a message to a person; the log file has the rest. */
const lineCharactersMax = 500;

/** A child that could not be brought up. The message ends with its last lines. */
export class ChildFailed extends Error {
  override readonly name = 'ChildFailed';
  readonly child: string;
  readonly logPath: string;

  constructor(child: string, why: string, lastLines: readonly string[], logPath: string) {
    const cut = lastLines.map((line) => line.slice(0, lineCharactersMax));
    const tail = cut.length === 0 ? '' : `Its last lines:\n  ${cut.join('\n  ')}\n`;
    super(`${child} ${why}.\n${tail}Its whole output is in ${logPath}.`);
    this.child = child;
    this.logPath = logPath;
  }
}
