import { setTimeout } from 'node:timers/promises';
import type { Log } from '@headroom/ports';
import type { JsonObject } from '@headroom/wire';
import type { ChangeReader, Documents, Sql, Stored } from './documents.ts';

/** How often `follow` asks. Milliseconds. */
export interface FollowPace {
  readonly pollMs: number;
  readonly fullReadMs: number;
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
}

export const defaultPace: FollowPace = {
  pollMs: 1_000,
  fullReadMs: 60_000,
  retryFirstMs: 250,
  retryMaxMs: 10_000,
};

/** What the documents of a container are to their followers. */
export interface FeedOf<T> {
  /** Names it in the log: `settings`. */
  readonly name: string;
  /** The member that holds a document's partition key. */
  readonly keyMember: string;
  /** Only documents whose member `kind` it is; all of them where absent. */
  readonly kind?: string;
  /** `undefined`: it cannot be read, which is logged. */
  readonly parse: (document: JsonObject) => T | undefined;
}

/**
 * Everything in a container, then each change as it comes. A document that is the same as before is not told again; a full
 * read now and then brings what the changes missed.
 */
export class DocumentFeed<T> {
  readonly #documents: Documents;
  readonly #of: FeedOf<T>;
  readonly #log: Log;
  readonly #pace: FollowPace;

  constructor(documents: Documents, of: FeedOf<T>, log: Log, pace: FollowPace = defaultPace) {
    this.#documents = documents;
    this.#of = of;
    this.#log = log;
    this.#pace = pace;
  }

  /**
   * Each round marks a place in the change feed, reads everything and follows the feed until the next full read is due;
   * a failure ends the round early. The place comes first: what is written during the full read is in the feed.
   */
  async follow(changed: (found: readonly T[]) => void, signal: AbortSignal): Promise<void> {
    for await (const found of this.#rounds(signal)) changed(found);
  }

  async *#rounds(signal: AbortSignal): AsyncIterable<readonly T[]> {
    const seen = new Map<unknown, string>();
    const told = { complete: false };
    let retryMs = this.#pace.retryFirstMs;
    while (!signal.aborted) {
      try {
        for await (const found of this.#round(seen, told, signal)) {
          yield found;
          retryMs = this.#pace.retryFirstMs;
        }
      } catch (error) {
        this.#log.warn(`${this.#of.name}.followFailed`, { error, retryMs });
        await pause(retryMs, signal);
        retryMs = Math.min(2 * retryMs, this.#pace.retryMaxMs);
      }
    }
  }

  async *#round(
    seen: Map<unknown, string>,
    told: { complete: boolean },
    signal: AbortSignal,
  ): AsyncIterable<readonly T[]> {
    const changes: ChangeReader = this.#documents.changes();
    await changes();
    const read = told.complete ? this.#missed(seen) : this.#documents.query(this.#select('*'));
    const all = await this.#unseen(read, seen);
    if (!told.complete || all.length > 0) yield all;
    told.complete = true;
    const rounds = Math.ceil(this.#pace.fullReadMs / this.#pace.pollMs);
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      await pause(this.#pace.pollMs, signal);
      const fresh = await this.#unseen(await changes(), seen);
      if (fresh.length > 0) yield fresh;
    }
  }

  /** What the changes did not bring, should there be any. */
  async *#missed(seen: ReadonlyMap<unknown, string>): AsyncIterable<Stored> {
    const { keyMember } = this.#of;
    // Enough to see which are new: ten thousand whole ones take a second to read, in which nothing else happens.
    const places = this.#select(`c.id, c.${keyMember}, c._etag, c._ts`);
    for await (const { document, etag } of this.#documents.query(places)) {
      const { id, [keyMember]: key } = document;
      if (seen.get(id) === etag || typeof id !== 'string' || typeof key !== 'string') continue;
      const found = await this.#documents.read(id, key);
      if (found !== undefined) yield found;
    }
  }

  /**
   * What the documents say that are not as they were seen before. A read that fails half-way has seen nothing: what
   * it read was told to nobody.
   */
  async #unseen(
    documents: Iterable<Stored> | AsyncIterable<Stored>,
    seen: Map<unknown, string>,
  ): Promise<readonly T[]> {
    const fresh: Stored[] = [];
    const parsed: T[] = [];
    for await (const found of documents) {
      if (!this.#isOurs(found.document)) continue;
      if (seen.get(found.document['id']) === found.etag) continue;
      fresh.push(found);
      const value = this.#of.parse(found.document);
      if (value !== undefined) parsed.push(value);
      else this.#log.error(`${this.#of.name}.documentUnreadable`, { id: found.document['id'] });
    }
    for (const { document, etag } of fresh) seen.set(document['id'], etag);
    return parsed;
  }

  /** Changes are those of the whole container. */
  #isOurs(document: JsonObject): boolean {
    return this.#of.kind === undefined || document['kind'] === this.#of.kind;
  }

  #select(what: string): Sql {
    const { kind } = this.#of;
    if (kind === undefined) return { query: `SELECT ${what} FROM c`, parameters: [] };
    const parameters = [{ name: '@kind', value: kind }];
    return { query: `SELECT ${what} FROM c WHERE c.kind = @kind`, parameters };
  }
}

/** Ends early, and quietly, when `signal` aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
