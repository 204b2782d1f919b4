import type { AutoscaleSetting, Profile } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import type { FormerProfile } from './target-history.ts';

/**
 * What events say of profiles that were edited since. `read`: what Azure writes of a profile, or `undefined` where it
 * cannot be read: then nothing is known of it.
 */
export function formerProfiles(
  setting: AutoscaleSetting,
  events: readonly AutoscaleEvent[],
  read: (activeProfile: string) => Profile | undefined,
): readonly FormerProfile[] {
  const ofNow = new Map(setting.profiles.map((profile) => [profile.name, contentOf(profile)]));
  // One text comes with every action until somebody edits the setting.
  const known = new Map<string, Profile | undefined>();
  return events.flatMap(({ at, activeProfile: text }) => {
    if (text === undefined) return [];
    const profile = known.has(text) ? known.get(text) : read(text);
    known.set(text, profile);
    const isSame = profile !== undefined && ofNow.get(profile.name) === contentOf(profile);
    return profile === undefined || isSame ? [] : [{ at, profile }];
  });
}

function contentOf({ capacity, rules }: Profile): string {
  return JSON.stringify([capacity, rules], inOrder);
}

/** The order of members and absent ones make no difference. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
