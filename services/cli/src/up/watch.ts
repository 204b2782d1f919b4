import { after, instant, minuteMs, placeOf } from '@headroom/core';
import type { AuditRecord, Instant, Millis, TargetId } from '@headroom/core';
import type { AuditLog, Clock } from '@headroom/ports';
import { messageOf } from '../command-failed.ts';
import type { ShownEvent } from '../view/shown-event.ts';

export interface WatchParts {
  readonly audit: Pick<AuditLog, 'query'>;
  readonly targets: readonly TargetId[];
  readonly clock: Clock;
  /** Each record once, in the order in which they were found. */
  readonly found: (record: AuditRecord) => void;
  readonly show: (event: ShownEvent) => void;
}

const pollMs: Millis = 500;
/** A record may be written long after its time: a service that was killed writes it when it is back. */
const overlapMs: Millis = 5 * minuteMs;

/** Reads the audit log for as long as the run lasts: what it shows is what is on record. */
export class AuditWatch {
  readonly #parts: WatchParts;
  readonly #startedAt: Instant;
  /** When each record was made, by id; those that no query can bring again are forgotten. */
  readonly #seen = new Map<string, Instant>();
  #newest: Instant;
  #away = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    this.#newest = this.#startedAt;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.poll();
      await this.#parts.clock.wait(pollMs, signal);
    }
  }

  async poll(): Promise<void> {
    const { targets, show } = this.#parts;
    const since = instant(Math.max(this.#startedAt, this.#newest - overlapMs));
    try {
      for (const target of targets) await this.#read(target, since);
      this.#away = false;
    } catch (error) {
      const text = `the audit log cannot be read for now: ${messageOf(error)}`;
      if (!this.#away) show({ kind: 'warning', text });
      this.#away = true;
    }
    for (const [id, at] of this.#seen) if (at < after(since, -overlapMs)) this.#seen.delete(id);
  }

  async #read(target: TargetId, since: Instant): Promise<void> {
    for await (const record of this.#parts.audit.query({ target, since })) this.#take(record);
  }

  #take(record: AuditRecord): void {
    const { id, at } = recordKey(record);
    if (this.#seen.has(id)) return;
    this.#seen.set(id, at);
    this.#newest = instant(Math.max(this.#newest, at));
    this.#parts.found(record);
  }
}

/** What a record is known by, and its place in time. */
export function recordKey(record: AuditRecord): { readonly id: string; readonly at: Instant } {
  const { id, at } = placeOf(record);
  return { id: `${record.kind}:${id}`, at };
}
