import { failed, isOfTarget, ok, shadowNamePattern, shadowsMax, withoutMode } from '@headroom/core';
import type {
  Problem,
  Result,
  Shadow,
  ShadowContent,
  ShadowPolicy,
  TargetId,
} from '@headroom/core';
import { parseAutoscaleSetting, readAutoscaleSetting } from './autoscale-setting/parse.ts';
import type { ParsedSetting } from './autoscale-setting/parse.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { encodePolicy, parsePolicy } from './policy.ts';

// The shadows beside a setting in its document. Each has an ARM setting verbatim, and a policy
// without a mode:
//
//     [{ "name": "lower", "setting": { "properties": { … } }, "policy": { "flapBudget": 6 } }]

/** A shadow as somebody wrote it, and what its author should know. */
export interface ParsedShadow {
  readonly shadow: Shadow;
  readonly warnings: readonly Problem[];
}

/** Strict in everything, as `parseAutoscaleSetting` and `parsePolicy` are. */
export function parseShadow(document: unknown): Result<ParsedShadow, readonly Problem[]> {
  const { name, setting, policy } = isObject(document) ? document : {};
  if (!isName(name)) return failed([{ field: 'name', message: nameText }]);
  const parsed = parseAutoscaleSetting(setting);
  const its = parseShadowPolicy(policy ?? {});
  const content = contentOf(parsed, its);
  if (content.kind !== 'setting')
    return failed([...inField(parsed, ''), ...inField(its, 'policy')]);
  return ok({ shadow: { name, content }, warnings: parsed.ok ? parsed.warnings : [] });
}

/** A policy as `parsePolicy` reads it, that names no mode. */
export function parseShadowPolicy(document: unknown): Result<ShadowPolicy, readonly Problem[]> {
  if (isObject(document) && 'mode' in document) {
    const message = 'a shadow has no mode, for nothing carries out what it decides: leave it out';
    return failed([{ field: 'mode', message }]);
  }
  const parsed = parsePolicy(document);
  if (!parsed.ok) return parsed;
  return ok(withoutMode(parsed.value));
}

/** The document that `parseShadowPolicy` reads, with every option written out. */
export function encodeShadowPolicy(policy: ShadowPolicy): JsonObject {
  const written = Object.entries(encodePolicy({ ...policy, mode: 'observe' }));
  return Object.fromEntries(written.filter(([name]) => name !== 'mode'));
}

/**
 * What a store's document means, whatever it holds. What is wrong with one shadow holds that one; one that has no name of
 * its own cannot be told from others, and is not there.
 */
export function decodeShadows(documents: unknown, target: TargetId): readonly Shadow[] {
  const shadows = new Map<string, Shadow>();
  for (const document of Array.isArray(documents) ? (documents as unknown[]) : []) {
    const { name, setting, policy } = isObject(document) ? document : {};
    if (!isName(name) || shadows.has(name) || shadows.size >= shadowsMax) continue;
    const content = contentOf(readAutoscaleSetting(setting), parseShadowPolicy(policy ?? {}));
    const shadow = { name, content };
    shadows.set(name, isOfTarget(shadow, target) ? shadow : { name, content: ofOther(target) });
  }
  return [...shadows.values()];
}

const nameText =
  'expected 1 to 64 letters and digits, with . _ and - between them, such as lower-threshold';

function isName(name: unknown): name is string {
  return typeof name === 'string' && shadowNamePattern.test(name);
}

/** Most problems of one shadow that are kept: they go into the message that has the setting. */
const toldMax = 5;

type Parsed<T> = Result<T, readonly Problem[]>;

function contentOf(setting: ParsedSetting, policy: Parsed<ShadowPolicy>): ShadowContent {
  if (setting.ok && policy.ok) {
    return { kind: 'setting', setting: setting.value, policy: policy.value };
  }
  const problems = [...inField(setting, ''), ...inField(policy, 'policy')];
  return {
    kind: 'unreadable',
    problems: problems
      .slice(0, toldMax)
      .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)),
  };
}

function inField(parsed: Parsed<unknown> | ParsedSetting, of: string): readonly Problem[] {
  if (parsed.ok) return [];
  return parsed.error.map(({ field, message }) => ({
    field: [of, field].filter((part) => part !== '').join('.'),
    message,
  }));
}

function ofOther(target: TargetId): ShadowContent {
  const problem = `properties.targetResourceUri: expected ${target}, beside which it stands`;
  return { kind: 'unreadable', problems: [problem] };
}
