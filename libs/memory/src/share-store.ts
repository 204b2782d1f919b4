import type { Replaced, Shares, ShareStore, VersionedShares } from '@headroom/ports';

export class MemoryShares implements ShareStore {
  readonly #kept = new Map<string, VersionedShares>();
  #writes = 0;

  read(pool: string): Promise<VersionedShares | undefined> {
    return Promise.resolve(this.#kept.get(pool));
  }

  replace(shares: Shares, etag: string | undefined): Promise<Replaced> {
    if (this.#kept.get(shares.pool)?.etag !== etag) return Promise.resolve({ kind: 'conflict' });
    const written = { shares, etag: String(++this.#writes) };
    this.#kept.set(shares.pool, written);
    return Promise.resolve({ kind: 'written', etag: written.etag });
  }
}
