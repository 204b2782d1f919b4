import type { Override, Profile } from '@headroom/core';
import type { Overridden } from '../settings/change-overrides.ts';
import { overrideText } from '../text/override-text.ts';

/** What somebody who sets this override should know beside it. */
export function overrideNotes(
  { content, before, overrides }: Overridden,
  set: Override,
): readonly string[] {
  const { setting, policy } = content;
  const replaced = before.find(({ kind }) => kind === set.kind);
  const stronger = overrides.filter(({ kind }) => kind !== set.kind && kind !== 'pin');
  return [
    ...(replaced === undefined ? [] : [`it takes the place of: ${overrideText(replaced)}`]),
    ...(set.kind === 'pin' ? pinNotes(set.to, setting.profiles) : []),
    ...(set.kind === 'pin' ? stronger.map((other) => `first it is ${overrideText(other)}`) : []),
    ...(setting.enabled ? [] : ['the setting is disabled: nothing is decided for it anyway']),
    ...(policy.mode === 'observe' ? ['mode observe: nothing is scaled anyway'] : []),
  ];
}

/** Only where no profile lets the count be: one that does may be the active one by and by. */
function pinNotes(to: number, profiles: readonly Profile[]): readonly string[] {
  const bounds = profiles.map(({ capacity }) => capacity);
  if (bounds.some(({ minimum, maximum }) => minimum <= to && to <= maximum)) return [];
  const texts = new Set(bounds.map(({ minimum, maximum }) => `${minimum} to ${maximum}`));
  const list = [...texts].join(', ');
  return [`${to} is outside the bounds of every profile (${list}): the nearest bound is taken`];
}
