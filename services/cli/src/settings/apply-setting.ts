import { isDeepStrictEqual } from 'node:util';
import { defaultPolicy } from '@headroom/core';
import type { AutoscaleSetting, Policy, Problem, SettingVersion, TargetId } from '@headroom/core';
import type { SettingStore } from '@headroom/ports';
import { parseAutoscaleSetting } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';

/** What became of a document. */
export type AppliedSetting =
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | (InForce & { readonly kind: 'written' })
  /** The version in force says the same: nothing was written. */
  | (InForce & { readonly kind: 'unchanged' });

interface InForce {
  readonly target: TargetId;
  readonly version: number;
}

/** Somebody else wrote between our read and our write: so often it is tried again. */
export const conflictRetriesMax = 5;

/**
 * The one door by which settings enter: checks an ARM autoscale setting and makes it the next version of its target's. The
 * policy in force stays. What is wrong with the document is said before the store is opened: that needs no running system.
 * Throws `CommandFailed` when others keep writing, and what the store throws.
 */
export async function applySetting(
  document: unknown,
  openStore: () => Promise<SettingStore>,
): Promise<AppliedSetting> {
  const parsed = parseAutoscaleSetting(document);
  if (!parsed.ok) return { kind: 'invalid', problems: parsed.error };
  const setting = parsed.value;
  const store = await openStore();
  for (let attempt = 0; attempt <= conflictRetriesMax; attempt++) {
    const applied = await applyOnce(document, setting, store);
    if (applied !== undefined) return applied;
  }
  throw new CommandFailed(
    `Nothing was written: others changed the setting of ${setting.target} ${conflictRetriesMax + 1} times meanwhile. Look who writes it, then apply again.`,
  );
}

/** `undefined`: another writer was faster. */
async function applyOnce(
  document: unknown,
  setting: AutoscaleSetting,
  store: SettingStore,
): Promise<AppliedSetting | undefined> {
  const { target } = setting;
  const before = await store.read(target);
  const policy = policyOf(before);
  if (before !== undefined && saysTheSame(before, setting)) {
    return { kind: 'unchanged', target, version: before.version };
  }
  const id = settingId(document, setting);
  const expected = before?.version ?? 0;
  const written = await store.write({ target, id, expected, document, policy });
  return written.kind === 'written'
    ? { kind: 'written', target, version: written.version }
    : undefined;
}

function policyOf(before: SettingVersion | undefined): Policy {
  return before?.content.kind === 'setting' ? before.content.policy : defaultPolicy;
}

function saysTheSame(before: SettingVersion, setting: AutoscaleSetting): boolean {
  const { content } = before;
  return content.kind === 'setting' && isDeepStrictEqual(content.setting, setting);
}

/** The setting's ARM id, or its name where it has none. */
function settingId(document: unknown, setting: AutoscaleSetting): string {
  const id =
    typeof document === 'object' && document !== null && 'id' in document ? document.id : undefined;
  return typeof id === 'string' && id !== '' ? id : setting.name;
}
