import { isDeepStrictEqual } from 'node:util';
import type { Instant, Mode, Problem, Result, TargetId } from '@headroom/core';
import type { SettingStore, StoredSetting } from '@headroom/ports';
import { contentOf, defaultPolicyOf, nameOf, targetOf } from './content.ts';
import type { AnyPolicy, Content, Draft } from './content.ts';
import { accountWarnings, refusedSwitch } from './account-checks.ts';
import { groupWarnings, takenDeployments } from './beside-others.ts';
import { knownSettings } from './known-settings.ts';
import { SettingNotWritten } from './setting-not-written.ts';
import { sizeProblems } from './size.ts';
import { untilWritten } from './until-written.ts';

/** What is put to work. */
export interface Application {
  /** An autoscale setting's ARM JSON, an account's, or a quota pool. */
  readonly document: unknown;
  readonly parse: (document: unknown) => Result<Draft, readonly Problem[]>;
  /** Of the document's kind. Without one the policy in force stays; a new setting has the default one. */
  readonly policy?: AnyPolicy;
  /** Wins over the policy's. */
  readonly mode?: Mode;
  /** The mode of the default policy that a new setting gets; `act` where absent. */
  readonly modeOfNew?: Mode;
  /** Overrides that ended before are dropped; the others stay, and so do shadows. */
  readonly now: Instant;
  /** The version that the author saw; any where absent. Another one is a conflict, told as `SettingNotWritten`. */
  readonly expected?: number;
}

/** What became of a document. */
export type AppliedSetting =
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  /** `unchanged`: the version in force says the same; nothing was written. */
  | (InForce & { readonly kind: 'written' | 'unchanged' });

export interface InForce {
  readonly target: TargetId;
  readonly version: number;
  readonly content: Content;
  /** The policy of the version before. */
  readonly before?: AnyPolicy;
  /** What the document's author should know. */
  readonly warnings: readonly Problem[];
}

/**
 * The one door by which settings enter: checks a document and makes it the next version of its target's setting. What is
 * wrong with it is said before the store is opened: that needs no running system.
 * Throws `SettingNotWritten` when others keep writing, and what the store throws.
 */
export async function applySetting(
  application: Application,
  openStore: () => Promise<SettingStore>,
): Promise<AppliedSetting> {
  const parsed = application.parse(application.document);
  if (!parsed.ok) return { kind: 'invalid', problems: parsed.error };
  const draft = parsed.value;
  const store = await openStore();
  // An autoscale setting is for itself.
  const known = draft.kind === 'setting' ? [] : await knownSettings(store);
  const taken = takenDeployments(draft, known);
  if (taken.length > 0) return { kind: 'invalid', problems: taken };
  const target = targetOf(draft);
  const applied = await untilWritten(target, async () =>
    applyOnce(application, draft, store, await store.read(target)),
  );
  if (applied.kind === 'invalid') return applied;
  const warnings = [...applied.warnings, ...groupWarnings(applied.content, known)];
  return { ...applied, warnings };
}

/**
 * The same of what `change` makes of the version in force, which it may refuse by throwing. It is asked again when somebody
 * else wrote meanwhile.
 */
export function changeSetting(
  target: TargetId,
  change: (held: StoredSetting | undefined) => Application,
  store: SettingStore,
): Promise<AppliedSetting> {
  return untilWritten(target, async () => {
    const held = await store.read(target);
    const application = change(held);
    const parsed = application.parse(application.document);
    if (!parsed.ok) return { kind: 'invalid', problems: parsed.error };
    if (targetOf(parsed.value) !== target) {
      return { kind: 'invalid', problems: [{ field: 'id', message: `expected ${target}` }] };
    }
    return applyOnce(application, parsed.value, store, held);
  });
}

/** `undefined`: another writer was faster. */
async function applyOnce(
  application: Application,
  draft: Draft,
  store: SettingStore,
  held: StoredSetting | undefined,
): Promise<AppliedSetting | undefined> {
  const target = targetOf(draft);
  const expected = held?.version ?? 0;
  if ((application.expected ?? expected) !== expected) {
    throw new SettingNotWritten(
      `Nothing was written: version ${expected} of ${target} is in force, not ${application.expected ?? 0}. Read it again.`,
    );
  }
  const before = held !== undefined && held.content.kind === draft.kind ? held.content : undefined;
  const refused = refusedSwitch(draft, before);
  if (refused !== undefined) return { kind: 'invalid', problems: [refused] };
  const policy = policyOf(application, draft, held);
  const overrides = (before?.overrides ?? []).filter(({ until }) => until > application.now);
  const content = contentOf(draft, policy, overrides, before);
  const tooLarge = sizeProblems(content);
  if (tooLarge.length > 0) return { kind: 'invalid', problems: tooLarge };
  const found = {
    ...{ target, content },
    ...(before === undefined ? {} : { before: before.policy }),
    warnings: draft.kind === 'setting' ? draft.warnings : accountWarnings(content),
  };
  const { document } = application;
  if (before !== undefined && isDeepStrictEqual({ ...before, overrides }, content)) {
    return { ...found, kind: 'unchanged', version: expected };
  }
  const id = settingId(document, draft);
  const shadows = held?.shadows ?? [];
  const written = await store.write({
    ...{ target, id, expected, document, policy, overrides },
    ...(shadows.length === 0 ? {} : { shadows }),
  });
  if (written.kind === 'conflict') return undefined;
  return { ...found, kind: 'written', version: written.version };
}

function policyOf(
  { policy, mode, modeOfNew }: Application,
  draft: Draft,
  held: StoredSetting | undefined,
): AnyPolicy {
  const content = held?.content;
  // Its mode may be `observe`: taking it for `act` would begin to scale.
  if (content?.kind === 'unreadable' && policy === undefined && mode === undefined) {
    throw new SettingNotWritten(
      `Nothing was written: the version in force of ${held?.target ?? ''} cannot be read (${content.problems.join('; ')}), so its mode is not known. Say it: --mode act or --mode observe.`,
    );
  }
  const ofNew = modeOfNew === undefined ? {} : { mode: modeOfNew };
  const inForce =
    content?.kind === draft.kind ? content.policy : { ...defaultPolicyOf(draft), ...ofNew };
  return { ...(policy ?? inForce), ...(mode === undefined ? {} : { mode }) };
}

/** The setting's ARM id, or its name where it has none. */
function settingId(document: unknown, draft: Draft): string {
  const id =
    typeof document === 'object' && document !== null && 'id' in document ? document.id : undefined;
  return typeof id === 'string' && id !== '' ? id : nameOf(draft);
}
