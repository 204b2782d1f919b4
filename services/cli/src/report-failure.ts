import { DependencyUnavailable } from '@headroom/ports';
import {
  ChildFailed,
  EnvironmentError,
  LocalEnvironmentError,
  redactText,
} from '@headroom/runtime';
import { SettingNotWritten } from '@headroom/settings';
import { CommandFailed } from './command-failed.ts';
import type { Surroundings } from './surroundings.ts';

/** Errors whose message says it all. */
const operating = [
  CommandFailed,
  SettingNotWritten,
  ChildFailed,
  EnvironmentError,
  LocalEnvironmentError,
];

/** One message for what can happen; a stack for what should not. Neither holds a secret that an SDK repeats. */
export function reportFailure(error: unknown, around: Pick<Surroundings, 'err'>): void {
  around.err(`headroom: ${redactText(failureText(error))}\n`);
}

function failureText(error: unknown): string {
  if (error instanceof DependencyUnavailable) return `${error.message}\n${startHint}`;
  if (error instanceof Error && operating.some((kind) => error instanceof kind)) {
    return error.message;
  }
  // The store's final no: its message has the advice.
  if (error instanceof Error && 'status' in error) return error.message;
  return `unexpected error\n${stackOf(error)}`;
}

const startHint =
  'Is the system running? Start it with "npm start" (or "headroom up"), and give the same --data.';

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
