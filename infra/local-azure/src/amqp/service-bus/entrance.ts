import type { AmqpError } from '../errors.ts';
import type { EntityStore, StoredMessage } from './bus-store.ts';
import { DuplicateWindow } from './duplicate-window.ts';
import type { Draft } from './message-codec.ts';
import { readDraft, withMaxTtl } from './message-codec.ts';
import type { MessageQueue } from './queue.ts';
import { Schedule } from './schedule.ts';
import type { BusServices } from './services.ts';
import { Transit, submitTogether } from './transit.ts';
import type { Destination } from './transit.ts';

export interface EntranceSettings {
  readonly name: string;
  /** 0: duplicates are not looked for. */
  readonly duplicateWindowMs: number;
  /** Caps the time to live of every message. */
  readonly maxTtlMs: number | undefined;
  /** The queues that get a message: one for a queue, the matching subscriptions for a topic. */
  readonly route: (draft: Draft) => readonly MessageQueue[];
}

/** A full queue is tried again after this when a scheduled message comes due. */
const FULL_RETRY_MS = 1000;

type Done = (error?: AmqpError) => void;

/** Where messages come in: a queue or a topic. Duplicates are dropped here, schedules kept here. */
export class Entrance implements Destination {
  readonly name: string;
  readonly #settings: EntranceSettings;
  readonly #services: BusServices;
  readonly #duplicates: DuplicateWindow;
  readonly #schedule: Schedule;

  constructor(settings: EntranceSettings, store: EntityStore, services: BusServices) {
    this.name = settings.name;
    this.#settings = settings;
    this.#services = services;
    this.#duplicates = new DuplicateWindow(settings.duplicateWindowMs, store);
    this.#schedule = new Schedule(settings.name, store, services, (message) =>
      this.#activate(message),
    );
  }

  /** Takes over what the disk has; once every queue that is routed to is there. */
  start(): void {
    this.#schedule.load();
  }

  /** Takes messages, all or none, and calls back after the commit. Throws when there is no room. */
  send(drafts: readonly Draft[], done: Done): void {
    const transit = new Transit(this.#services.clock());
    for (const draft of drafts) {
      if ((draft.scheduledMs ?? 0) <= transit.now) this.pass(draft, 0, transit);
      else if (transit.isFirst(draft.messageId, this.#duplicates)) {
        transit.land(this.#schedule, draft);
      }
    }
    this.#submit(transit, done);
  }

  /** Keeps messages until their time; calls back with their sequence numbers, in order. */
  schedule(
    drafts: readonly Draft[],
    done: (error: AmqpError | undefined, sequences: readonly number[]) => void,
  ): void {
    const transit = new Transit(this.#services.clock());
    // A duplicate gets a number, as in Azure, but is not kept.
    const sequences = drafts.map((draft) => {
      const sequence = this.#schedule.nextSequence();
      if (transit.isFirst(draft.messageId, this.#duplicates)) {
        transit.land(this.#schedule, draft, sequence);
      }
      return sequence;
    });
    this.#submit(transit, (error) => done(error, sequences));
  }

  /** Throws when one of the numbers is not scheduled (any more): then none is cancelled. */
  cancel(sequences: readonly number[], done: Done): void {
    submitTogether(this.#services.journal, [this.#schedule.cancel(sequences)], done);
  }

  pass(draft: Draft, hops: number, transit: Transit): void {
    if (transit.isFirst(draft.messageId, this.#duplicates)) this.#distribute(draft, hops, transit);
  }

  /** Forgets, on disk too, the message ids whose window has passed. */
  forgetOldIds(): void {
    if (!this.#duplicates.isOn) return;
    this.#services.journal.submit(this.#duplicates.forgetOld(this.#services.clock()));
  }

  #distribute(draft: Draft, hops: number, transit: Transit): void {
    const capped = withMaxTtl(draft, this.#settings.maxTtlMs);
    for (const queue of this.#settings.route(capped)) queue.arrive(capped, hops, transit);
  }

  /** A scheduled message comes due: it moves to its queues, with new sequence numbers. */
  #activate(message: StoredMessage): void {
    const transit = new Transit(this.#services.clock());
    this.#distribute({ ...readDraft(message.body), ttlMs: message.ttlMs }, 0, transit);
    try {
      transit.ensureRoom();
    } catch {
      this.#schedule.retryAt(message.sequence, transit.now + FULL_RETRY_MS);
      return;
    }
    const leave = this.#schedule.leave(message.sequence);
    submitTogether(this.#services.journal, [leave, ...transit.entries()], () => undefined);
  }

  #submit(transit: Transit, done: Done): void {
    transit.ensureRoom();
    submitTogether(this.#services.journal, transit.entries(), done);
  }
}
