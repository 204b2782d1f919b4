import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Recording } from '../recording.ts';

/** What all kinds of load are given. */
export interface LoadContext {
  readonly recording: Recording;
  /** A sequence of random numbers of its own for each lane. */
  random(lane: string): Random;
  /** Senders and writers stop; receivers go on until they are closed. */
  readonly ending: AbortSignal;
}

/** Clients that work until they are told to stop. */
export interface Load extends AsyncDisposable {
  /** Resolves when every sender has had its last answer, after `ending`. */
  readonly sent: Promise<void>;
}

const AGAIN_MS = 150;
/** For a client to close: what it still waits for says nothing any more. */
export const CLOSE_LIMIT_MS = 10_000;
/** For a process that starts while everything else runs, on a machine that is busy with more. */
const RETURN_LIMIT_MS = 120_000;

/** The answer in time, or undefined for an error and for no answer. */
export async function answerOf<T>(
  call: Promise<T>,
  limitMs: number,
): Promise<{ of: T } | undefined> {
  const lost = delay(limitMs, undefined, { ref: false });
  const answer = call.then((of) => ({ of })).catch(() => undefined);
  return Promise.race([answer, lost]);
}

/** Asks until there is an answer: the process is on its way back. Throws after `limitMs`. */
export async function persist<T>(
  what: string,
  ask: () => Promise<T>,
  limitMs = RETURN_LIMIT_MS,
): Promise<T> {
  const endsAt = Date.now() + limitMs;
  for (;;) {
    const answer = await answerOf(ask(), 3_000);
    if (answer !== undefined) return answer.of;
    if (Date.now() > endsAt) throw new Error(`No answer within ${limitMs} ms: ${what}`);
    await delay(AGAIN_MS);
  }
}

/** Pauses as a sender does that has no more to send at once, so that a run stays small. */
export function pause(random: Random, mostMs: number): Promise<void> {
  return delay(random.int(0, mostMs));
}

export const afterFailure = (): Promise<void> => delay(AGAIN_MS);
