import { isDeepStrictEqual } from 'node:util';
import { isOfTarget, shadowsMax, withoutMode } from '@headroom/core';
import type { Instant, Problem, Result, Shadow, ShadowPolicy, TargetId } from '@headroom/core';
import type { SettingStore, ShadowDocument, StoredSetting } from '@headroom/ports';
import type { SettingOfTarget } from './content.ts';
import { SettingNotWritten } from './setting-not-written.ts';
import { sizeProblems } from './size.ts';
import { untilWritten } from './until-written.ts';

/** How shadows are read and written, which is not known here. */
export interface ShadowForm {
  parse(document: ShadowDocument): Result<ParsedShadow, readonly Problem[]>;
  encodePolicy(policy: ShadowPolicy): unknown;
}

export interface ParsedShadow {
  readonly shadow: Shadow;
  /** What its author should know. */
  readonly warnings: readonly Problem[];
}

/** What is to run beside the setting in force. */
export interface NewShadow {
  readonly target: TargetId;
  readonly name: string;
  /** ARM JSON. */
  readonly setting: unknown;
  /** In the form that people write; without one that of the setting in force, but for its mode. */
  readonly policy?: unknown;
  /** Overrides that ended before are dropped. */
  readonly now: Instant;
}

export type ChangedShadows =
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  /** `unchanged`: it is there already, or was not there. */
  | {
      readonly kind: 'written' | 'unchanged';
      readonly version: number;
      readonly content: SettingOfTarget;
      /** The one of the name before. */
      readonly before?: Shadow;
      readonly warnings: readonly Problem[];
    };

/**
 * Puts a shadow beside its target's setting, in the place of one of its name. It is part of the setting's next version.
 * Throws `SettingNotWritten` where there is no autoscale setting, and when others keep writing.
 */
export function addShadow(
  added: NewShadow,
  form: ShadowForm,
  store: SettingStore,
): Promise<ChangedShadows> {
  const { target, name, now } = added;
  return untilWritten(target, async () => {
    const held = heldSetting(target, await store.read(target));
    const policy = added.policy ?? form.encodePolicy(withoutMode(held.content.policy));
    const document = { name, setting: added.setting, policy };
    const parsed = form.parse(document);
    if (!parsed.ok) return { kind: 'invalid', problems: parsed.error };
    const { shadow, warnings } = parsed.value;
    const change = { of: name, shadow, document };
    const problems = problemsOf(target, change, held);
    if (problems.length > 0) return { kind: 'invalid', problems };
    return writeShadows(held, change, now, warnings, store);
  });
}

/** Takes a shadow out. Throws as `addShadow` does. */
export function removeShadow(
  { target, name, now }: Pick<NewShadow, 'target' | 'name' | 'now'>,
  store: SettingStore,
): Promise<ChangedShadows> {
  return untilWritten(target, async () => {
    const held = heldSetting(target, await store.read(target));
    return writeShadows(held, { of: name }, now, [], store);
  });
}

interface Held extends StoredSetting {
  readonly content: SettingOfTarget;
}

/** The shadow of a name, or that there shall be none. */
interface Change {
  readonly of: string;
  readonly shadow?: Shadow;
  readonly document?: ShadowDocument;
}

function heldSetting(target: TargetId, held: StoredSetting | undefined): Held {
  const { content } = held ?? {};
  if (held !== undefined && content?.kind === 'setting') return { ...held, content };
  throw new SettingNotWritten(`Nothing was written: ${noSettingText(target, content?.kind)}`);
}

function noSettingText(target: TargetId, kind: StoredSetting['content']['kind'] | undefined) {
  switch (kind) {
    case 'rateLimit':
    case 'quotaPool':
      return `${target} has limits, not instances; shadows run beside autoscale settings only.`;
    case 'unreadable':
      return `the setting in force of ${target} cannot be read; apply one that can, then add the shadow.`;
    default:
      return `${target} has no setting, and a shadow runs beside one; apply it first, in mode observe where nothing is to be scaled.`;
  }
}

function problemsOf(target: TargetId, { of, shadow }: Change, held: Held): readonly Problem[] {
  if (shadow !== undefined && !isOfTarget(shadow, target)) {
    const message = `expected ${target}: a shadow decides on the target beside whose setting it runs`;
    return [{ field: 'properties.targetResourceUri', message }];
  }
  const changed = shadowsWith(held.content.shadows ?? [], of, shadow);
  if (changed.length > shadowsMax) {
    const message = `${target} has ${shadowsMax} shadows, and no more run beside a setting: remove one first`;
    return [{ field: '', message }];
  }
  return sizeProblems({ ...held.content, shadows: changed });
}

/** `undefined`: another writer was faster. */
async function writeShadows(
  held: Held,
  { of, shadow, document }: Change,
  now: Instant,
  warnings: readonly Problem[],
  store: SettingStore,
): Promise<ChangedShadows | undefined> {
  const { target, id, version: expected } = held;
  const { shadows: known = [], ...rest } = held.content;
  const before = known.find(({ name }) => name === of);
  const shadows = shadowsWith(known, of, shadow);
  const overrides = rest.overrides.filter(({ until }) => until > now);
  const content = { ...rest, overrides, ...(shadows.length === 0 ? {} : { shadows }) };
  const found = { content, ...(before === undefined ? {} : { before }), warnings };
  const documents = shadowsWith(held.shadows ?? [], of, document);
  const isSame = isDeepStrictEqual(documents, held.shadows ?? []);
  if (isSame || (shadow !== undefined && isDeepStrictEqual(before, shadow))) {
    return { ...found, kind: 'unchanged', version: expected };
  }
  const written = await store.write({
    ...{ target, id, expected, document: held.document, policy: rest.policy, overrides },
    ...(documents.length === 0 ? {} : { shadows: documents }),
  });
  if (written.kind === 'conflict') return undefined;
  return { ...found, kind: 'written', version: written.version };
}

/** Edited in its place, else at the end. */
function shadowsWith<T extends { readonly name: string }>(
  shadows: readonly T[],
  of: string,
  changed: T | undefined,
): readonly T[] {
  if (changed === undefined) return shadows.filter(({ name }) => name !== of);
  if (!shadows.some(({ name }) => name === of)) return [...shadows, changed];
  return shadows.map((one) => (one.name === of ? changed : one));
}
