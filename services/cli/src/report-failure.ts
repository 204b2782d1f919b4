import { DependencyUnavailable } from '@headroom/ports';
import { ChildFailed, EnvironmentError, LocalEnvironmentError } from '@headroom/runtime';
import { CommandFailed } from './command-failed.ts';
import type { Surroundings } from './surroundings.ts';

/** Errors whose message says it all. */
const operating = [CommandFailed, ChildFailed, EnvironmentError, LocalEnvironmentError];

/** One message for what can happen; a stack for what should not. */
export function reportFailure(error: unknown, around: Pick<Surroundings, 'err'>): void {
  if (error instanceof DependencyUnavailable) {
    around.err(`headroom: ${error.message}\n${startHint}\n`);
  } else if (error instanceof Error && operating.some((kind) => error instanceof kind)) {
    around.err(`headroom: ${error.message}\n`);
  } else if (error instanceof Error && 'status' in error) {
    // The store's final no: its message has the advice.
    around.err(`headroom: ${error.message}\n`);
  } else {
    around.err(`headroom: unexpected error\n${stackOf(error)}\n`);
  }
}

const startHint =
  'Is the system running? Start it with "npm start" (or "headroom up"), and give the same --data.';

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
