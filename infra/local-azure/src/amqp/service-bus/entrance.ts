import { AmqpError, messageNotFound } from '../errors.ts';
import type { Entry } from '../journal/journal.ts';
import type { EntityStore } from './bus-store.ts';
import type { Draft } from './message-codec.ts';
import { readDraft } from './message-codec.ts';
import type { MessageQueue } from './queue.ts';
import type { BusServices } from './services.ts';

export interface EntranceSettings {
  readonly name: string;
  /** 0: duplicates are not looked for. */
  readonly duplicateWindowMs: number;
  /** The queues that get a message: one for a queue, the matching subscriptions for a topic. */
  readonly route: (draft: Pick<Draft, 'body'>) => readonly MessageQueue[];
}

/** A full queue is tried again after this when a scheduled message comes due. */
const FULL_RETRY_MS = 1000;

type Done = (error?: AmqpError) => void;

interface Scheduled {
  readonly draft: Draft;
  unwatch: () => void;
}

/** Where messages come in: a queue or a topic. Duplicates are dropped here, schedules kept here. */
export class Entrance {
  readonly name: string;
  readonly #settings: EntranceSettings;
  readonly #store: EntityStore;
  readonly #services: BusServices;
  readonly #scheduled = new Map<number, Scheduled>();
  /**
   * Message ids by when they are forgotten; one window for all, so insertion order is time order.
   */
  readonly #recent: Map<string, number>;
  #scheduledBytes = 0;

  constructor(settings: EntranceSettings, store: EntityStore, services: BusServices) {
    this.name = settings.name;
    this.#settings = settings;
    this.#store = store;
    this.#services = services;
    this.#recent =
      settings.duplicateWindowMs === 0 ? new Map<string, number>() : store.rememberedIds();
    this.#loadScheduled();
  }

  /** Takes messages, all or none, and calls back after the commit. Throws when there is no room. */
  send(drafts: readonly Draft[], done: Done): void {
    const now = this.#services.clock();
    const fresh = this.#withoutKnown(drafts, now);
    const later = fresh.filter((draft) => (draft.scheduledMs ?? 0) > now);
    const scheduled = new Set(later);
    const routes = new Map<Draft, readonly MessageQueue[]>();
    for (const draft of fresh) {
      if (!scheduled.has(draft)) routes.set(draft, this.#settings.route(draft));
    }
    this.#ensureRoom(routes, later);
    const entries: Entry[] = [];
    for (const draft of fresh) {
      if (!this.#remember(draft.messageId, now, entries)) continue;
      if (scheduled.has(draft)) entries.push(this.#keep(draft).entry);
      for (const queue of routes.get(draft) ?? []) entries.push(queue.enqueue(draft));
    }
    this.#submit(entries, done);
  }

  /** Keeps messages until their time; calls back with their sequence numbers, in order. */
  schedule(
    drafts: readonly Draft[],
    done: (error: AmqpError | undefined, sequences: number[]) => void,
  ): void {
    const now = this.#services.clock();
    this.#ensureRoom(new Map(), this.#withoutKnown(drafts, now));
    const entries: Entry[] = [];
    const sequences: number[] = [];
    for (const draft of drafts) {
      const kept = this.#keep({ ...draft, scheduledMs: draft.scheduledMs ?? now });
      sequences.push(kept.sequence);
      // A duplicate gets a number, as in Azure, but is not kept.
      if (this.#remember(draft.messageId, now, entries)) entries.push(kept.entry);
      else this.#drop(kept.sequence);
    }
    this.#submit(entries, (error) => done(error, sequences));
  }

  /** Throws when one of the numbers is not scheduled (any more): then none is cancelled. */
  cancel(sequences: readonly number[], done: Done): void {
    for (const sequence of sequences) {
      if (!this.#scheduled.has(sequence)) throw messageNotFound(sequence);
    }
    for (const sequence of sequences) this.#drop(sequence);
    const write = (): void => sequences.forEach((sequence) => this.#store.remove(sequence));
    this.#submit([{ write }], done);
  }

  /** Forgets, on disk too, the message ids whose window has passed. */
  forgetOldIds(): void {
    const now = this.#services.clock();
    if (this.#settings.duplicateWindowMs === 0) return;
    this.#expireIds(now);
    this.#submit([{ write: () => this.#store.forgetIds(now) }], () => undefined);
  }

  #ensureRoom(routes: ReadonlyMap<Draft, readonly MessageQueue[]>, later: readonly Draft[]): void {
    const wanted = new Map<MessageQueue, number>();
    for (const [draft, queues] of routes) {
      for (const queue of queues) {
        wanted.set(queue, (wanted.get(queue) ?? 0) + draft.body.length);
      }
    }
    for (const [queue, bytes] of wanted) queue.ensureRoom(bytes);
    const laterBytes = later.reduce((sum, draft) => sum + draft.body.length, 0);
    const limit = this.#services.maxEntityBytes;
    if (this.#scheduledBytes + laterBytes > limit) throw full(this.name, limit);
  }

  /** A message that is sent again needs no room: its sender must hear that it is kept. */
  #withoutKnown(drafts: readonly Draft[], now: number): readonly Draft[] {
    this.#expireIds(now);
    return drafts.filter(({ messageId }) => !this.#recent.has(messageId));
  }

  /** False when the id was seen within the window. */
  #remember(messageId: string, now: number, entries: Entry[]): boolean {
    const { duplicateWindowMs } = this.#settings;
    if (duplicateWindowMs === 0) return true;
    if (this.#recent.has(messageId)) return false;
    const expiresMs = now + duplicateWindowMs;
    this.#recent.set(messageId, expiresMs);
    entries.push({ write: () => this.#store.rememberId(messageId, expiresMs) });
    return true;
  }

  #expireIds(now: number): void {
    for (const [id, expiresMs] of this.#recent) {
      if (expiresMs > now) return;
      this.#recent.delete(id);
    }
  }

  #keep(draft: Draft): { sequence: number; entry: Entry } {
    const sequence = this.#store.nextSequence();
    const { body, ttlMs } = draft;
    const scheduledMs = draft.scheduledMs ?? this.#services.clock();
    const enqueuedMs = this.#services.clock();
    this.#hold(sequence, draft);
    const row = { sequence, enqueuedSequence: sequence, enqueuedMs, ttlMs, scheduledMs, body };
    return {
      sequence,
      entry: {
        write: () => this.#store.insert({ ...row, deliveryCount: 0 }),
        committed: () => this.#watch(sequence, scheduledMs),
      },
    };
  }

  #hold(sequence: number, draft: Draft): void {
    this.#scheduled.set(sequence, { draft, unwatch: () => undefined });
    this.#scheduledBytes += draft.body.length;
  }

  #drop(sequence: number): void {
    const kept = this.#scheduled.get(sequence);
    if (kept === undefined) return;
    kept.unwatch();
    this.#scheduledBytes -= kept.draft.body.length;
    this.#scheduled.delete(sequence);
  }

  #watch(sequence: number, dueMs: number): void {
    const kept = this.#scheduled.get(sequence);
    // It may be cancelled before its commit.
    if (kept === undefined) return;
    kept.unwatch = this.#services.timers.at(dueMs, () => this.#activate(sequence));
  }

  /** A scheduled message comes due: it moves to its queues, with new sequence numbers. */
  #activate(sequence: number): void {
    const draft = this.#scheduled.get(sequence)?.draft;
    if (draft === undefined) return;
    const queues = this.#settings.route(draft);
    try {
      this.#ensureRoom(new Map([[draft, queues]]), []);
    } catch {
      this.#watch(sequence, this.#services.clock() + FULL_RETRY_MS);
      return;
    }
    this.#drop(sequence);
    const moved = queues.map((queue) => queue.enqueue(draft));
    const leave = { write: () => this.#store.remove(sequence) };
    this.#submit([leave, ...moved], () => undefined);
  }

  /** One entry for the journal, so that all of it is in one transaction. */
  #submit(entries: readonly Entry[], done: Done): void {
    this.#services.journal.submit({
      write: () => entries.forEach((entry) => entry.write()),
      committed: () => {
        for (const entry of entries) entry.committed?.();
        done();
      },
      failed: done,
    });
  }

  #loadScheduled(): void {
    for (const head of this.#store.heads()) {
      if (head.scheduledMs === undefined) continue;
      const draft = readDraft(this.#store.body(head.sequence));
      this.#hold(head.sequence, { ...draft, ttlMs: head.ttlMs, scheduledMs: head.scheduledMs });
      this.#watch(head.sequence, head.scheduledMs);
    }
  }
}

function full(name: string, limit: number): AmqpError {
  return new AmqpError(
    'amqp:resource-limit-exceeded',
    `The scheduled messages of '${name}' would exceed its size quota of ${limit} bytes.`,
    403,
  );
}
