import type { SettingVersion, TargetId } from '@headroom/core';
import type { SettingStore } from '@headroom/ports';
import { knownSettings } from '@headroom/settings';
import { CommandFailed } from '../command-failed.ts';
import { findKnownTarget, findTargetsBelow, shortName } from '../text/target-name.ts';
import { targetsUnder, tellingOf } from './targets-under.ts';

/** The target with a setting that a person means, to put `what` beside it. Throws `CommandFailed` that names near ones. */
export async function findSetting(
  text: string,
  store: SettingStore,
  what = 'an override',
): Promise<TargetId> {
  const known = await knownSettings(store);
  const found = findKnownTarget(text, targetsOf(known));
  if (found.ok) return found.value;
  const under = findKnownTarget(text, known.flatMap(targetsUnder));
  if (!under.ok) throw new CommandFailed(found.error);
  const [, above] = tellingOf(under.value, known);
  throw new CommandFailed(
    `${shortName(under.value)} has no setting of its own: ${what} is for the whole of ${above === undefined ? 'its setting' : shortName(above)}`,
  );
}

export interface FoundSettings {
  /** Never none. */
  readonly targets: readonly TargetId[];
  /** Those whose settings cannot be read: they are held already. */
  readonly unreadable: readonly TargetId[];
}

/** The targets with a setting below a scope. Throws `CommandFailed` where there is none that can be read. */
export async function findSettingsBelow(
  scope: string,
  store: SettingStore,
): Promise<FoundSettings> {
  const known = await knownSettings(store);
  const found = findTargetsBelow(scope, targetsOf(known));
  if (!found.ok) throw new CommandFailed(found.error);
  const below = new Set(found.value);
  const held = known.filter(({ target }) => below.has(target));
  const targets = held.filter(({ content }) => 'overrides' in content).map(targetOf);
  const unreadable = held.filter(({ content }) => content.kind === 'unreadable').map(targetOf);
  if (targets.length === 0) {
    throw new CommandFailed(`no setting that can be read is in force for ${scope} or below it`);
  }
  return { targets, unreadable };
}

/** Of the settings that were not deleted. */
function targetsOf(known: readonly SettingVersion[]): readonly TargetId[] {
  return known.filter(({ content }) => content.kind !== 'tombstone').map(targetOf);
}

function targetOf({ target }: SettingVersion): TargetId {
  return target;
}
