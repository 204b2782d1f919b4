import { validateSetting } from '@headroom/core';
import type { AutoscaleSetting, Problem } from '@headroom/core';
import { jsonBytesOf, problemsOf } from '../json.ts';
import { settingBytesMax } from '../vocabulary/setting.ts';
import { misspelt, respelt } from './member-names.ts';
import { armSettingSchema } from './schema.ts';
import { settingOf } from './setting-of.ts';
import { rewritten } from './stored.ts';
import { warningsOf } from './warnings.ts';

const strict = armSettingSchema('strict');
const lenient = armSettingSchema('lenient');

/** A `Result` that also says what its author should know of a setting that is right. */
export type ParsedSetting =
  | {
      readonly ok: true;
      readonly value: AutoscaleSetting;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly error: readonly Problem[] };

/**
 * An ARM `Microsoft.Insights/autoscaleSettings` resource, as somebody wrote it, as a setting, or everything that
 * is wrong with it: spelling, form and meaning in one go. `enabled` left out means true.
 */
export function parseAutoscaleSetting(document: unknown): ParsedSetting {
  const spelt = respelt(document, 'dimensions');
  const misspellings = misspelt(spelt);
  const parsed = strict.safeParse(spelt);
  if (parsed.success && misspellings.length === 0) {
    const setting = settingOf(parsed.data);
    const problems = [...validateSetting(setting), ...sizeProblems(setting)];
    if (problems.length > 0) return { ok: false, error: problems };
    return { ok: true, value: setting, warnings: warningsOf(spelt, setting) };
  }
  const ofForm = parsed.success ? [] : problemsOf(parsed.error);
  const meant = new Set(misspellings.map((found) => found.meant));
  const told = [
    ...misspellings.map(({ field, message }) => ({ field, message })),
    ...ofForm.filter(({ field }) => !meant.has(field)),
  ];
  return { ok: false, error: [...told, ...ofMeaning(spelt, told)] };
}

/**
 * The same of a document that a store or Azure holds: what was accepted once stays readable. See `rewritten` for
 * what it takes beyond `parseAutoscaleSetting`.
 */
export function readAutoscaleSetting(document: unknown): ParsedSetting {
  const today = rewritten(document);
  const parsed = strict.safeParse(today.document);
  if (!parsed.success) return { ok: false, error: problemsOf(parsed.error) };
  const setting = settingOf(parsed.data);
  // Bounds hold whatever a rule asks for: a change that is too large need not blind a target.
  const problems = validateSetting(setting).filter(({ code }) => code !== 'InvalidActionValue');
  if (problems.length > 0) return { ok: false, error: problems };
  return { ok: true, value: setting, warnings: today.warnings };
}

/** What Azure holds, to be held by Headroom too: read as `readAutoscaleSetting` does, and no larger than what is written. */
export function takeAutoscaleSetting(document: unknown): ParsedSetting {
  const read = readAutoscaleSetting(document);
  const problems = read.ok ? sizeProblems(read.value) : [];
  return problems.length > 0 ? { ok: false, error: problems } : read;
}

/** A setting, its policy and its overrides go into one message. */
function sizeProblems(setting: AutoscaleSetting): readonly Problem[] {
  const bytes = jsonBytesOf(setting);
  if (bytes <= settingBytesMax) return [];
  const message = `${bytes} bytes are too many: a setting has at most ${settingBytesMax}; shorten the ids and the values of dimensions`;
  return [{ field: 'properties', message }];
}

/** The problems of meaning too, where what they are about could be read. */
function ofMeaning(document: unknown, told: readonly Problem[]): readonly Problem[] {
  const draft = lenient.safeParse(document);
  if (!draft.success) return [];
  const found = validateSetting(settingOf(draft.data));
  return found.filter(({ field }) => !told.some((problem) => problem.field.startsWith(field)));
}
