import type { SettingVersion, TargetId } from '@headroom/core';
import type { SettingStore, SettingsView } from '@headroom/ports';

/** The settings as this process knows them, followed once and shown to every stage. */
export interface FollowedSettings extends SettingsView {
  /** Keeps the view up to date until `signal` aborts. */
  follow(signal: AbortSignal): Promise<void>;
  /** For a health check. */
  status(): FollowedStatus;
}

export type FollowedStatus =
  | { readonly known: number }
  /** Until the first complete set. */
  | { readonly ready: false; readonly problem: string };

/** One reader of the store for all; who comes later is given what is known by then. */
export function followSettings(
  store: Pick<SettingStore, 'follow'>,
  firstKnown: (settings: number) => void,
): FollowedSettings {
  const newest = new Map<TargetId, SettingVersion>();
  const listeners = new Map<symbol, (versions: readonly SettingVersion[]) => void>();
  let complete = false;
  const changed = (versions: readonly SettingVersion[]) => {
    for (const version of versions) keepNewest(newest, version);
    if (!complete) firstKnown(newest.size);
    complete = true;
    for (const listener of listeners.values()) listener(versions);
  };
  return {
    follow: (signal) => store.follow(changed, signal),
    status: () => (complete ? { known: newest.size } : unknownYet),
    subscribe: (listener) => {
      const id = Symbol('listener');
      listeners.set(id, listener);
      if (complete) listener([...newest.values()]);
      return () => void listeners.delete(id);
    },
  };
}

const unknownYet: FollowedStatus = { ready: false, problem: 'the store has not answered yet' };

/** A full read may bring an older version than the change that overtook it. */
function keepNewest(newest: Map<TargetId, SettingVersion>, version: SettingVersion): void {
  const known = newest.get(version.target);
  if (known === undefined || version.version > known.version) newest.set(version.target, version);
}
