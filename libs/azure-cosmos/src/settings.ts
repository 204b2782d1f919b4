import type { Override, SettingVersion, TargetId } from '@headroom/core';
import type {
  Log,
  SettingStore,
  SettingWrite,
  StoredSetting,
  WrittenSetting,
} from '@headroom/ports';
import type { JsonObject } from '@headroom/wire';
import { DocumentFeed } from './document-feed.ts';
import type { FollowPace } from './document-feed.ts';
import type { Documents } from './documents.ts';
import {
  overriddenDocument,
  settingDocument,
  settingKey,
  settingOf,
  shadowDocuments,
} from './setting-document.ts';
import { UnreadableDocument } from './unreadable.ts';

export class CosmosSettings implements SettingStore {
  readonly #documents: Documents;
  readonly #feed: DocumentFeed<SettingVersion>;

  constructor(documents: Documents, log: Log, pace?: FollowPace) {
    this.#documents = documents;
    const of = { name: 'settings', keyMember: 'target', parse: settingOf };
    this.#feed = new DocumentFeed(documents, of, log, pace);
  }

  async read(target: TargetId): Promise<StoredSetting | undefined> {
    const held = await this.#read(target);
    if (held === undefined) return undefined;
    const document = held.document['document'] ?? undefined;
    const shadows = shadowDocuments(held.document);
    return {
      ...held.version,
      ...(document === undefined ? {} : { document }),
      ...(shadows.length === 0 ? {} : { shadows }),
    };
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

  follow(
    changed: (versions: readonly SettingVersion[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#feed.follow(changed, signal);
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
