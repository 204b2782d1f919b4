import type { OperationHead, OperationLedger, Replaced, VersionedHead } from '@headroom/ports';

export class MemoryOperations implements OperationLedger {
  readonly #heads = new Map<string, VersionedHead>();
  #writes = 0;

  /** Every head, for a test that looks at all of them. */
  get heads(): readonly OperationHead[] {
    return [...this.#heads.values()].map(({ head }) => head);
  }

  read(exclusionKey: string): Promise<VersionedHead | undefined> {
    return Promise.resolve(this.#heads.get(exclusionKey));
  }

  replace(head: OperationHead, etag: string | undefined): Promise<Replaced> {
    if (this.#heads.get(head.exclusionKey)?.etag !== etag) {
      return Promise.resolve({ kind: 'conflict' });
    }
    const written = { head, etag: String(++this.#writes) };
    this.#heads.set(head.exclusionKey, written);
    return Promise.resolve({ kind: 'written', etag: written.etag });
  }
}
