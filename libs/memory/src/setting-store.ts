import type { Override, SettingContent, SettingVersion, TargetId } from '@headroom/core';
import type {
  SettingStore,
  SettingWrite,
  ShadowDocument,
  StoredSetting,
  WrittenSetting,
} from '@headroom/ports';
import { Bell } from './bell.ts';

/** Reads a stored document. Where the documents of a test are typed settings already, it only wraps them. */
export type DecodeContent = (
  document: unknown,
  policy: SettingWrite['policy'],
  overrides: readonly Override[],
  shadows?: readonly ShadowDocument[],
) => SettingContent;

interface Kept {
  readonly version: SettingVersion;
  readonly written: SettingWrite;
}

export class MemorySettings implements SettingStore {
  readonly #decode: DecodeContent;
  readonly #kept = new Map<TargetId, Kept>();
  readonly #bell = new Bell();

  constructor(decode: DecodeContent) {
    this.#decode = decode;
  }

  read(target: TargetId): Promise<StoredSetting | undefined> {
    const kept = this.#kept.get(target);
    if (kept === undefined) return Promise.resolve(undefined);
    const { document, shadows } = structuredClone(kept.written);
    return Promise.resolve({
      ...kept.version,
      ...(document === undefined ? {} : { document }),
      ...(document === undefined || shadows === undefined ? {} : { shadows }),
    });
  }

  write(write: SettingWrite): Promise<WrittenSetting> {
    const { target, id, expected } = write;
    const held = this.#kept.get(target)?.version.version ?? 0;
    if (held !== expected) return Promise.resolve({ kind: 'conflict' });
    // Nobody's later change of the document may reach what is kept.
    const written = structuredClone(write);
    const version = { target, id, version: held + 1, content: this.#contentOf(written) };
    this.#kept.set(target, { version, written });
    this.#bell.ring();
    return Promise.resolve({ kind: 'written', version: version.version });
  }

  override(
    target: TargetId,
    expected: number,
    overrides: readonly Override[],
  ): Promise<WrittenSetting> {
    const written = this.#kept.get(target)?.written;
    if (written?.document === undefined) return Promise.resolve({ kind: 'conflict' });
    return this.write({ ...written, expected, overrides });
  }

  async follow(
    changed: (versions: readonly SettingVersion[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const told = new Map<TargetId, number>();
    for (let first = true; !signal.aborted; first = false) {
      const seen = this.#bell.count;
      const news = [...this.#kept.values()]
        .map(({ version }) => version)
        .filter(({ target, version }) => told.get(target) !== version);
      for (const { target, version } of news) told.set(target, version);
      if (first || news.length > 0) changed(news);
      await this.#bell.after(seen, signal);
    }
  }

  #contentOf({ document, policy, overrides, shadows }: SettingWrite): SettingContent {
    if (document === undefined) return { kind: 'tombstone' };
    return this.#decode(document, policy, overrides, shadows);
  }
}
