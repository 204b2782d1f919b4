import { idOf, targetId } from '@headroom/core';
import type { Override, SettingVersion, TargetId } from '@headroom/core';
import type { SettingWrite, ShadowDocument } from '@headroom/ports';
import { decodeSettingContent, encodeAnyPolicy, encodeOverrides } from '@headroom/wire';
import type { JsonObject } from '@headroom/wire';
import type { Document } from './documents.ts';

/** ARM ids hold slashes, which ids in Cosmos DB may not: a hash stands for the target. */
export function settingKey(target: TargetId): string {
  return idOf(target);
}

/** The ARM JSON verbatim, Headroom's own policy and overrides beside it. A tombstone keeps the version and no document. */
export function settingDocument(write: SettingWrite): Document {
  return {
    v: 1,
    id: settingKey(write.target),
    target: write.target,
    settingId: write.id,
    version: write.expected + 1,
    tombstone: write.document === undefined,
    document: write.document ?? null,
    policy: encodeAnyPolicy(write.policy),
    overrides: encodeOverrides(write.overrides),
    ...(write.shadows === undefined ? {} : { shadows: write.shadows }),
  };
}

/** The next version of a stored setting, alike but for its overrides; `undefined` for a tombstone. */
export function overriddenDocument(
  stored: JsonObject,
  { target, version }: SettingVersion,
  overrides: readonly Override[],
): Document | undefined {
  if (stored['tombstone'] === true) return undefined;
  const own = Object.entries(stored).filter(([name]) => !name.startsWith('_'));
  return {
    ...Object.fromEntries(own),
    id: settingKey(target),
    version: version + 1,
    overrides: encodeOverrides(overrides),
  };
}

/** What stands beside the setting, as it was written. */
export function shadowDocuments({ tombstone, shadows }: JsonObject): readonly ShadowDocument[] {
  if (tombstone === true || !Array.isArray(shadows)) return [];
  return (shadows as unknown[]).flatMap((shadow) => {
    if (typeof shadow !== 'object' || shadow === null) return [];
    const { name, setting, policy } = shadow as Partial<ShadowDocument>;
    return typeof name === 'string' ? [{ name, setting, policy }] : [];
  });
}

/** `undefined` where the document says of no target which version it is. */
export function settingOf(document: JsonObject): SettingVersion | undefined {
  const { target, settingId, version, tombstone } = document;
  if (typeof target !== 'string' || typeof settingId !== 'string') return undefined;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    return undefined;
  const content =
    tombstone === true
      ? ({ kind: 'tombstone' } as const)
      : decodeSettingContent(
          document['document'],
          document['policy'],
          document['overrides'],
          document['shadows'],
        );
  return { target: targetId(target), id: settingId, version, content };
}
