import { setTimeout } from 'node:timers/promises';
import type { Override, SettingVersion, TargetId } from '@headroom/core';
import type {
  Log,
  SettingStore,
  SettingWrite,
  StoredSetting,
  WrittenSetting,
} from '@headroom/ports';
import type { JsonObject } from '@headroom/wire';
import type { ChangeReader, Documents, Sql, Stored } from './documents.ts';
import { overriddenDocument, settingDocument, settingKey, settingOf } from './setting-document.ts';
import { UnreadableDocument } from './unreadable.ts';

/** How often `follow` asks. Milliseconds. */
export interface FollowPace {
  readonly pollMs: number;
  readonly fullReadMs: number;
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
}

const defaultPace: FollowPace = {
  pollMs: 1_000,
  fullReadMs: 60_000,
  retryFirstMs: 250,
  retryMaxMs: 10_000,
};

const everything: Sql = { query: 'SELECT * FROM c', parameters: [] };
/** Enough to see which documents are new: ten thousand whole ones take a second to read, in which nothing else happens. */
const places: Sql = { query: 'SELECT c.id, c.target, c._etag, c._ts FROM c', parameters: [] };

export class CosmosSettings implements SettingStore {
  readonly #documents: Documents;
  readonly #log: Log;
  readonly #pace: FollowPace;

  constructor(documents: Documents, log: Log, pace: FollowPace = defaultPace) {
    this.#documents = documents;
    this.#log = log;
    this.#pace = pace;
  }

  async read(target: TargetId): Promise<StoredSetting | undefined> {
    const held = await this.#read(target);
    if (held === undefined) return undefined;
    const document = held.document['document'] ?? undefined;
    return { ...held.version, ...(document === undefined ? {} : { document }) };
  }

  async write(write: SettingWrite): Promise<WrittenSetting> {
    const held = await this.#read(write.target);
    if ((held?.version.version ?? 0) !== write.expected) return { kind: 'conflict' };
    const document = settingDocument(write);
    const written =
      held === undefined
        ? await this.#documents.create(document)
        : await this.#documents.replace(document, write.target, held.etag);
    if (written === undefined) return { kind: 'conflict' };
    return { kind: 'written', version: write.expected + 1 };
  }

  async override(
    target: TargetId,
    expected: number,
    overrides: readonly Override[],
  ): Promise<WrittenSetting> {
    const held = await this.#read(target);
    if (held?.version.version !== expected) return { kind: 'conflict' };
    const document = overriddenDocument(held.document, held.version, overrides);
    if (document === undefined) return { kind: 'conflict' };
    const written = await this.#documents.replace(document, target, held.etag);
    return written === undefined
      ? { kind: 'conflict' }
      : { kind: 'written', version: expected + 1 };
  }

  /**
   * Each round marks a place in the change feed, reads everything and follows the feed until the next full read is due;
   * a failure ends the round early. The place comes first: what is written during the full read is in the feed.
   */
  async follow(
    changed: (versions: readonly SettingVersion[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const versions of this.#versions(signal)) changed(versions);
  }

  async *#versions(signal: AbortSignal): AsyncIterable<readonly SettingVersion[]> {
    const seen = new Map<unknown, string>();
    const told = { complete: false };
    let retryMs = this.#pace.retryFirstMs;
    while (!signal.aborted) {
      try {
        for await (const versions of this.#round(seen, told, signal)) {
          yield versions;
          retryMs = this.#pace.retryFirstMs;
        }
      } catch (error) {
        this.#log.warn('settings.followFailed', { error, retryMs });
        await pause(retryMs, signal);
        retryMs = Math.min(2 * retryMs, this.#pace.retryMaxMs);
      }
    }
  }

  async *#round(
    seen: Map<unknown, string>,
    told: { complete: boolean },
    signal: AbortSignal,
  ): AsyncIterable<readonly SettingVersion[]> {
    const changes: ChangeReader = this.#documents.changes();
    await changes();
    const read = told.complete ? this.#missed(seen) : this.#documents.query(everything);
    const all = await this.#unseen(read, seen);
    if (!told.complete || all.length > 0) yield all;
    told.complete = true;
    const rounds = Math.ceil(this.#pace.fullReadMs / this.#pace.pollMs);
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      await pause(this.#pace.pollMs, signal);
      const versions = await this.#unseen(await changes(), seen);
      if (versions.length > 0) yield versions;
    }
  }

  /** What the changes did not bring, should there be any. */
  async *#missed(seen: ReadonlyMap<unknown, string>): AsyncIterable<Stored> {
    for await (const { document, etag } of this.#documents.query(places)) {
      const { id, target } = document;
      if (seen.get(id) === etag || typeof id !== 'string' || typeof target !== 'string') continue;
      const found = await this.#documents.read(id, target);
      if (found !== undefined) yield found;
    }
  }

  /**
   * The versions of the documents that are not as they were seen before. A read that fails half-way has seen nothing: what
   * it read was told to nobody.
   */
  async #unseen(
    documents: Iterable<Stored> | AsyncIterable<Stored>,
    seen: Map<unknown, string>,
  ): Promise<readonly SettingVersion[]> {
    const fresh: Stored[] = [];
    const versions: SettingVersion[] = [];
    for await (const found of documents) {
      if (seen.get(found.document['id']) === found.etag) continue;
      fresh.push(found);
      const version = settingOf(found.document);
      if (version !== undefined) versions.push(version);
      else this.#log.error('settings.documentUnreadable', { id: found.document['id'] });
    }
    for (const { document, etag } of fresh) seen.set(document['id'], etag);
    return versions;
  }

  async #read(target: TargetId): Promise<Held | undefined> {
    const found = await this.#documents.read(settingKey(target), target);
    if (found === undefined) return undefined;
    const version = settingOf(found.document);
    if (version === undefined) throw unreadable(target);
    return { version, document: found.document, etag: found.etag };
  }
}

interface Held {
  readonly version: SettingVersion;
  readonly document: JsonObject;
  readonly etag: string;
}

function unreadable(target: TargetId): UnreadableDocument {
  const message = 'a whole number from 1 is expected beside target and settingId';
  return new UnreadableDocument(`settings/${target}`, [{ field: 'version', message }]);
}

/** Ends early, and quietly, when `signal` aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
