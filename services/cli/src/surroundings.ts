import type { Instant } from '@headroom/core';
import type { Environment } from '@headroom/runtime';

/** What a command has around it: passed in, so that a test can look on. */
export interface Surroundings {
  readonly env: Environment;
  readonly now: () => Instant;
  /** Standard output and standard error; texts end with their line break. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard output, where it is a terminal that a person looks at. */
  readonly terminal?: NodeJS.WriteStream;
  /** Asks a person and gives the answer; absent where there is none to ask. */
  readonly ask?: (question: string) => Promise<string>;
}

/** Exit codes: 0 done, 1 not done or not well, 3 nothing runs that could be asked. */
export type ExitCode = 0 | 1 | 3;
