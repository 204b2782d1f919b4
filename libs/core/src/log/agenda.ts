import type { Instant } from '../lang/instant.ts';
import { DueQueue } from './due-queue.ts';
import type { Evaluated } from './fold-entries.ts';

/** Whose turn it is: entries whose data changed, and those whose time has come. */
export class Agenda {
  readonly #due = new DueQueue<Evaluated>(({ dueAt }) => dueAt);
  #dirty = new Set<Evaluated>();

  markDirty(entry: Evaluated | undefined): void {
    if (entry === undefined) return;
    entry.dirty = true;
    this.#dirty.add(entry);
  }

  /** An entry's due time is in the queue already where it did not move: a busy target is asked again at each event. */
  schedule(entry: Evaluated, dueAt: Instant): void {
    if (entry.dueAt === dueAt) return;
    entry.dueAt = dueAt;
    this.#due.push(dueAt, entry);
  }

  /** Takes up an entry that was restored. */
  resume(entry: Evaluated): void {
    if (entry.dirty) this.#dirty.add(entry);
    if (entry.dueAt !== undefined) this.#due.push(entry.dueAt, entry);
  }

  /** The earliest turn of anybody, not after it: the second in which somebody is due. */
  dueAt(now: Instant): Instant | undefined {
    return this.#dirty.size > 0 ? now : this.#due.firstAt;
  }

  /** Everybody whose turn it is; what is marked or scheduled meanwhile has another. */
  *take(now: Instant): Generator<Evaluated, void> {
    const sharing = new Set<Evaluated>();
    for (const entry of this.#turns(now)) {
      if (entry.kind === 'target' || entry.kind === 'shadow') yield entry;
      else sharing.add(entry);
    }
    // What one account of a group is given is not left for another: their order must not depend on whose data came first.
    yield* [...sharing].sort((a, b) => (a.target < b.target ? -1 : 1));
  }

  *#turns(now: Instant): Generator<Evaluated, void> {
    const dirty = this.#dirty;
    if (dirty.size > 0) this.#dirty = new Set();
    yield* dirty;
    yield* this.#due.take(now);
  }
}
