import type { Command } from 'commander';
import type { ExitCode, Surroundings } from '../surroundings.ts';

/** Puts one command with its arguments below the root. `done` is told the exit code. */
export type Add = (root: Command, around: Surroundings, done: (code: ExitCode) => void) => void;
