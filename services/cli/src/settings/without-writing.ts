import type { SettingStore } from '@headroom/ports';

/** The same store, where every write is told as done and none is. */
export function withoutWriting(store: SettingStore): SettingStore {
  return {
    read: (target) => store.read(target),
    follow: (changed, signal) => store.follow(changed, signal),
    write: ({ expected }) => Promise.resolve({ kind: 'written', version: expected + 1 }),
    override: (_, expected) => Promise.resolve({ kind: 'written', version: expected + 1 }),
  };
}
