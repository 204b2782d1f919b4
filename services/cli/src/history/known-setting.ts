import { targetId } from '@headroom/core';
import type { AskedRead, AutoscaleSetting } from '@headroom/core';
import { takeAutoscaleSetting } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { byLikeness } from '../text/likeness.ts';
import { problemText } from '../text/problem-text.ts';
import { shortName } from '../text/target-name.ts';
import { askedName, askedOf } from './asked-of.ts';
import type { UnreadSetting } from './histories.ts';
import type { SettingCache } from './setting-cache.ts';

/** A setting of Azure's that Headroom reads, and where what is known of it is kept. */
export interface KnownSetting {
  readonly id: string;
  readonly setting: AutoscaleSetting;
  readonly cache: SettingCache;
  readonly reads: readonly AskedRead[];
  readonly asked: string;
}

export function knownSetting(
  document: unknown,
  cacheOf: (id: string) => SettingCache,
): KnownSetting | UnreadSetting {
  const parsed = takeAutoscaleSetting(document);
  const id = idOf(document, parsed.ok ? parsed.value.name : '?');
  if (!parsed.ok) return { id, why: parsed.error.map(problemText).join('; ') };
  const reads = askedOf(id, parsed.value);
  return { id, setting: parsed.value, cache: cacheOf(id), reads, asked: askedName(reads) };
}

export function isKnown(one: KnownSetting | UnreadSetting): one is KnownSetting {
  return 'setting' in one;
}

/** In lower case; its name where it has none. */
export function idOf(document: unknown, name: string): string {
  const id = (document as { readonly id?: unknown } | null)?.id;
  return typeof id === 'string' && id !== '' ? targetId(id) : name;
}

/**
 * Those of these names, or that scale a target of such a name (`chat/blue`); all without names.
 *
 * @throws CommandFailed: one is the name of none
 */
export function namedAmong<One extends KnownSetting | UnreadSetting>(
  all: readonly One[],
  names: readonly string[] | undefined,
): readonly One[] {
  if (names === undefined) return all;
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const found = all.filter((one) => namesOf(one).some((name) => wanted.has(name)));
  const known = new Set(found.flatMap(namesOf));
  const unknown = names.find((name) => !known.has(name.toLowerCase()));
  if (unknown === undefined) return found;
  const others = byLikeness(unknown, all, (one) => namesOf(one)[0] ?? '').slice(0, listedMost);
  const listed = others.map((one) => namesOf(one)[0]).join(', ');
  throw new CommandFailed(
    `there is no setting "${unknown}": the likest of ${all.length} are ${listed}`,
  );
}

/** Names that are told where one is not found. */
const listedMost = 10;

function namesOf(one: KnownSetting | UnreadSetting): readonly string[] {
  const own = one.id.slice(one.id.lastIndexOf('/') + 1).toLowerCase();
  return isKnown(one) ? [own, shortName(one.setting.target)] : [own];
}
