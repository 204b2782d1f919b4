import { targetId } from '@headroom/core';
import type { AskedRead, AutoscaleSetting } from '@headroom/core';
import { takeAutoscaleSetting } from '@headroom/wire';
import { problemText } from '../text/problem-text.ts';
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
