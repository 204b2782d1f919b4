import { isDeepStrictEqual } from 'node:util';
import type { Override, SettingVersion, TargetId } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { SettingStore } from '@headroom/ports';
import { CommandFailed } from '../command-failed.ts';
import { untilWritten } from '@headroom/settings';
import type { Content } from '@headroom/settings';

/** A setting whose overrides were looked at. */
export interface Overridden {
  readonly target: TargetId;
  readonly content: Content;
  readonly version: number;
  /** Those that had not ended. */
  readonly before: readonly Override[];
  readonly overrides: readonly Override[];
}

/**
 * Makes another version of the setting in force, with the overrides that `change` answers; those that ended before are
 * dropped. No change: nothing is written. Throws `CommandFailed` where there is no setting that can be read or others keep
 * writing, and what the store throws.
 */
export function changeOverrides(
  store: SettingStore,
  target: TargetId,
  now: Instant,
  change: (running: readonly Override[]) => readonly Override[],
): Promise<Overridden> {
  return untilWritten(target, async () => {
    const held = await store.read(target);
    const content = contentOf(held, target);
    const before = running(content.overrides, now);
    const overrides = change(before);
    const found = { target, content, before, overrides };
    const version = held?.version ?? 0;
    if (isDeepStrictEqual(before, overrides)) return { ...found, version };
    const written = await store.override(target, version, overrides);
    return written.kind === 'conflict' ? undefined : { ...found, version: written.version };
  });
}

/** Those that have not ended. */
export function running(overrides: readonly Override[], now: Instant): readonly Override[] {
  return overrides.filter(({ until }) => until > now);
}

function contentOf(held: SettingVersion | undefined, target: TargetId): Content {
  if (held === undefined || held.content.kind === 'tombstone') {
    throw new CommandFailed(
      `no setting is in force for ${target}: apply one first, then override it`,
    );
  }
  if ('overrides' in held.content) return held.content;
  throw new CommandFailed(
    `the setting of ${target} cannot be read (${problemsOf(held)}): its target is held already; apply a good one first`,
  );
}

function problemsOf({ content }: SettingVersion): string {
  return content.kind === 'unreadable' ? content.problems.join('; ') : content.kind;
}
