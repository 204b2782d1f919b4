import type { AmqpError } from '../errors.ts';
import type { Entry, Journal } from '../journal/journal.ts';
import type { DuplicateWindow } from './duplicate-window.ts';
import type { Draft } from './message-codec.ts';

/** Where messages can come to rest: in a queue or a schedule. */
export interface Resting {
  nextSequence(): number;
  /** Throws when `bytes` more do not fit. */
  ensureRoom(bytes: number): void;
  enqueue(draft: Draft, sequence: number): Entry;
}

/** Where messages can be sent and forwarded to. */
export interface Destination {
  readonly name: string;
  /** Takes a message that was forwarded `hops` times, into `transit`. */
  pass(draft: Draft, hops: number, transit: Transit): void;
}

interface Landing {
  readonly resting: Resting;
  readonly draft: Draft;
  readonly sequence: number | undefined;
}

/**
 * Messages on their way through topics, filters and forwarding to where they rest. First all of it
 * is planned, which changes nothing and may throw; then it becomes one entry for the journal.
 */
export class Transit {
  readonly now: number;
  readonly #landings: Landing[] = [];
  readonly #seen = new Map<DuplicateWindow, Set<string>>();

  constructor(now: number) {
    this.now = now;
  }

  /** False when the window, or this transit, has the message id already: a duplicate. */
  isFirst(messageId: string, window: DuplicateWindow): boolean {
    if (!window.isOn) return true;
    const seen = this.#seen.get(window) ?? new Set();
    if (seen.has(messageId) || window.has(messageId, this.now)) return false;
    this.#seen.set(window, seen.add(messageId));
    return true;
  }

  /** `sequence`: the number to rest under; the next one unless given. */
  land(resting: Resting, draft: Draft, sequence?: number): void {
    this.#landings.push({ resting, draft, sequence });
  }

  /** Throws when a queue or schedule would be too full. */
  ensureRoom(): void {
    const wanted = new Map<Resting, number>();
    for (const { resting, draft } of this.#landings) {
      wanted.set(resting, (wanted.get(resting) ?? 0) + draft.body.length);
    }
    for (const [resting, bytes] of wanted) resting.ensureRoom(bytes);
  }

  entries(): Entry[] {
    const remembered = [...this.#seen].flatMap(([window, ids]) =>
      [...ids].map((id) => window.remember(id, this.now)),
    );
    const landed = this.#landings.map(({ resting, draft, sequence }) =>
      resting.enqueue(draft, sequence ?? resting.nextSequence()),
    );
    return [...remembered, ...landed];
  }
}

/** Puts several changes into one transaction, and calls back after its commit. */
export function submitTogether(
  journal: Journal,
  entries: readonly Entry[],
  done: (error?: AmqpError) => void,
): void {
  journal.submit({
    write: () => {
      for (const entry of entries) entry.write();
    },
    committed: () => {
      for (const entry of entries) entry.committed?.();
      done();
    },
    failed: done,
  });
}
