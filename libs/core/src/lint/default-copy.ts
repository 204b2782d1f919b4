import type { Profile } from '../setting/autoscale-setting.ts';

/**
 * The name of the profile that this one ends: a recurring copy of the default profile is called `{"name":"Auto created
 * default scale condition","for":"<profile>"}`, in either spacing. `undefined`: it is no such copy.
 */
export function copiedFor({ name, schedule }: Profile): string | undefined {
  if (schedule?.kind !== 'recurrence' || !name.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(name);
    if (typeof parsed !== 'object' || parsed === null || !('for' in parsed)) return undefined;
    return typeof parsed.for === 'string' ? parsed.for : undefined;
  } catch {
    return undefined;
  }
}

/** Whether what this profile says was said by the default profile already: the same rules within the same bounds. */
export function repeatsDefault(profile: Profile, profiles: readonly Profile[]): boolean {
  if (copiedFor(profile) === undefined) return false;
  const plain = profiles.find(({ schedule }) => schedule === undefined);
  const content = ({ capacity, rules }: Profile) => JSON.stringify([capacity, rules]);
  return plain !== undefined && content(plain) === content(profile);
}
