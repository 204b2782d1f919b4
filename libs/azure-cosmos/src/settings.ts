import { setTimeout } from 'node:timers/promises';
import type { SettingVersion, TargetId } from '@headroom/core';
import type { Log, SettingStore, SettingWrite, WrittenSetting } from '@headroom/ports';
import type { ChangeReader, Documents, Sql, Stored } from './documents.ts';
import { settingDocument, settingKey, settingOf } from './setting-document.ts';
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

export class CosmosSettings implements SettingStore {
  readonly #documents: Documents;
  readonly #log: Log;
  readonly #pace: FollowPace;

  constructor(documents: Documents, log: Log, pace: FollowPace = defaultPace) {
    this.#documents = documents;
    this.#log = log;
    this.#pace = pace;
  }

  async read(target: TargetId): Promise<SettingVersion | undefined> {
    return (await this.#read(target))?.version;
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
    let retryMs = this.#pace.retryFirstMs;
    while (!signal.aborted) {
      try {
        for await (const versions of this.#round(signal)) {
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

  async *#round(signal: AbortSignal): AsyncIterable<readonly SettingVersion[]> {
    const changes: ChangeReader = this.#documents.changes();
    await changes();
    yield this.#versionsOf(await this.#documents.all(everything));
    const rounds = Math.ceil(this.#pace.fullReadMs / this.#pace.pollMs);
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      await pause(this.#pace.pollMs, signal);
      const versions = this.#versionsOf(await changes());
      if (versions.length > 0) yield versions;
    }
  }

  #versionsOf(found: readonly Stored[]): readonly SettingVersion[] {
    return found.flatMap(({ document }) => {
      const version = settingOf(document);
      if (version !== undefined) return [version];
      this.#log.error('settings.documentUnreadable', { id: document['id'] });
      return [];
    });
  }

  async #read(target: TargetId): Promise<Held | undefined> {
    const found = await this.#documents.read(settingKey(target), target);
    if (found === undefined) return undefined;
    const version = settingOf(found.document);
    if (version === undefined) throw unreadable(target);
    return { version, etag: found.etag };
  }
}

interface Held {
  readonly version: SettingVersion;
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
