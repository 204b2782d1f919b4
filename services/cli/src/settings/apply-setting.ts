import { isDeepStrictEqual } from 'node:util';
import { defaultPolicy } from '@headroom/core';
import type {
  AutoscaleSetting,
  Instant,
  Mode,
  Override,
  Policy,
  Problem,
  SettingVersion,
  TargetId,
} from '@headroom/core';
import type { SettingStore } from '@headroom/ports';
import { parseAutoscaleSetting } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { untilWritten } from './until-written.ts';

/** What is put to work. */
export interface Application {
  /** The ARM JSON. */
  readonly document: unknown;
  /** Without one the policy in force stays; a new setting has the default one. */
  readonly policy?: Policy;
  /** Wins over the policy's. */
  readonly mode?: Mode;
  /** Overrides that ended before are dropped; the others stay. */
  readonly now: Instant;
}

/** What became of a document. */
export type AppliedSetting =
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  /** `unchanged`: the version in force says the same; nothing was written. */
  | (InForce & { readonly kind: 'written' | 'unchanged' });

type Applied = Omit<InForce, 'warnings'> & { readonly kind: 'written' | 'unchanged' };

export interface InForce {
  readonly target: TargetId;
  readonly version: number;
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
  /** The policy of the version before. */
  readonly before?: Policy;
  readonly overrides: readonly Override[];
  /** What the document's author should know. */
  readonly warnings: readonly Problem[];
}

/**
 * The one door by which settings enter: checks an ARM autoscale setting and makes it the next version of its target's. What
 * is wrong with the document is said before the store is opened: that needs no running system.
 * Throws `CommandFailed` when others keep writing, and what the store throws.
 */
export async function applySetting(
  application: Application,
  openStore: () => Promise<SettingStore>,
): Promise<AppliedSetting> {
  const parsed = parseAutoscaleSetting(application.document);
  if (!parsed.ok) return { kind: 'invalid', problems: parsed.error };
  const { value: setting, warnings } = parsed;
  const store = await openStore();
  const applied = await untilWritten(setting.target, () => applyOnce(application, setting, store));
  return { ...applied, warnings };
}

/** `undefined`: another writer was faster. */
async function applyOnce(
  application: Application,
  setting: AutoscaleSetting,
  store: SettingStore,
): Promise<Applied | undefined> {
  const { target } = setting;
  const held = await store.read(target);
  const before = held?.content.kind === 'setting' ? held.content : undefined;
  const policy = policyOf(application, held);
  const overrides = (before?.overrides ?? []).filter(({ until }) => until > application.now);
  const inForce = {
    target,
    setting,
    policy,
    overrides,
    ...(before === undefined ? {} : { before: before.policy }),
  };
  const { document } = application;
  const expected = held?.version ?? 0;
  const same =
    before !== undefined &&
    isDeepStrictEqual(before.setting, setting) &&
    isDeepStrictEqual(before.policy, policy);
  if (same) return { ...inForce, kind: 'unchanged', version: expected };
  const id = settingId(document, setting);
  const written = await store.write({ target, id, expected, document, policy, overrides });
  if (written.kind === 'conflict') return undefined;
  return { ...inForce, kind: 'written', version: written.version };
}

function policyOf({ policy, mode }: Application, held: SettingVersion | undefined): Policy {
  const content = held?.content;
  // Its mode may be `observe`: taking it for `act` would begin to scale.
  if (content?.kind === 'unreadable' && policy === undefined && mode === undefined) {
    throw new CommandFailed(
      `Nothing was written: the version in force of ${held?.target ?? ''} cannot be read (${content.problems.join('; ')}), so its mode is not known. Say it: --mode act or --mode observe.`,
    );
  }
  const inForce = content?.kind === 'setting' ? content.policy : defaultPolicy;
  return { ...(policy ?? inForce), ...(mode === undefined ? {} : { mode }) };
}

/** The setting's ARM id, or its name where it has none. */
function settingId(document: unknown, setting: AutoscaleSetting): string {
  const id =
    typeof document === 'object' && document !== null && 'id' in document ? document.id : undefined;
  return typeof id === 'string' && id !== '' ? id : setting.name;
}
