import type { Policy, SettingContent, SettingVersion, TargetId } from '@headroom/core';
import type { SettingStore, SettingWrite, WrittenSetting } from '@headroom/ports';
import { Bell } from './bell.ts';

/** Reads a stored document. Where the documents of a test are typed settings already, it only wraps them. */
export type DecodeContent = (document: unknown, policy: Policy) => SettingContent;

export class MemorySettings implements SettingStore {
  readonly #decode: DecodeContent;
  readonly #versions = new Map<TargetId, SettingVersion>();
  readonly #bell = new Bell();

  constructor(decode: DecodeContent) {
    this.#decode = decode;
  }

  read(target: TargetId): Promise<SettingVersion | undefined> {
    return Promise.resolve(this.#versions.get(target));
  }

  write(write: SettingWrite): Promise<WrittenSetting> {
    const held = this.#versions.get(write.target)?.version ?? 0;
    if (held !== write.expected) return Promise.resolve({ kind: 'conflict' });
    const version = held + 1;
    this.#versions.set(write.target, {
      target: write.target,
      id: write.id,
      version,
      content: this.#contentOf(write),
    });
    this.#bell.ring();
    return Promise.resolve({ kind: 'written', version });
  }

  async follow(
    changed: (versions: readonly SettingVersion[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const told = new Map<TargetId, number>();
    for (let first = true; !signal.aborted; first = false) {
      const seen = this.#bell.count;
      const news = [...this.#versions.values()].filter(
        ({ target, version }) => told.get(target) !== version,
      );
      for (const { target, version } of news) told.set(target, version);
      if (first || news.length > 0) changed(news);
      await this.#bell.after(seen, signal);
    }
  }

  #contentOf({ document, policy }: SettingWrite): SettingContent {
    if (document === undefined) return { kind: 'tombstone' };
    return this.#decode(structuredClone(document), policy);
  }
}
