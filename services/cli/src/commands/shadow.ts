import { asInForce, shadowContent } from '@headroom/core';
import type { Policy, Problem, SettingContent } from '@headroom/core';
import { addShadow, removeShadow } from '@headroom/settings';
import type { ChangedShadows } from '@headroom/settings';
import { encodeShadowPolicy, parseShadow } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { withStores } from '../connections.ts';
import { findSetting } from '../settings/find-settings.ts';
import { readDocument, readShadowPolicy } from '../settings/read-document.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { policyLines } from '../text/policy-text.ts';
import { problemText } from '../text/problem-text.ts';
import { shortName } from '../text/target-name.ts';
import { tellOfRules } from './apply.ts';

export interface AddOptions {
  readonly data: string;
  readonly name: string;
  /** ARM JSON. */
  readonly file: string;
  /** A file; the policy in force when absent. */
  readonly policy?: string;
}

/** `headroom shadow add TARGET NAME FILE`. */
export async function addShadowTo(
  text: string,
  { data, name, file, policy }: AddOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const setting = await readDocument(file);
  const its = policy === undefined ? {} : { policy: await readShadowPolicy(policy) };
  return withStores(data, around, async ({ settings }) => {
    const target = await findSetting(text, settings, 'a shadow');
    const added = { target, name, setting, ...its, now: around.now() };
    const form = { parse: parseShadow, encodePolicy: encodeShadowPolicy };
    const changed = await addShadow(added, form, settings);
    if (changed.kind === 'invalid') return refuse(file, changed.problems, around);
    const head = `${shortName(target)}: ${addedText(name, changed)}`;
    around.out(`${[head, ...optionLines(name, changed)].join('\n    ')}\n`);
    tell(name, file, changed, around);
    return 0;
  });
}

/** `headroom shadow remove TARGET NAME`. */
export async function removeShadowFrom(
  text: string,
  { data, name }: Pick<AddOptions, 'data' | 'name'>,
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(data, around, async ({ settings }) => {
    const target = await findSetting(text, settings, 'a shadow');
    const removed = await removeShadow({ target, name, now: around.now() }, settings);
    if (removed.kind === 'written') {
      const taken = `${shortName(target)}: shadow ${name} is taken out, in version ${removed.version} of the setting`;
      around.out(`${taken}; its records stay\n`);
      return 0;
    }
    const names = removed.kind === 'invalid' ? [] : namesOf(removed);
    const known = names.length === 0 ? 'it has none' : `there are ${names.join(', ')}`;
    throw new CommandFailed(`${shortName(target)} has no shadow ${name}: ${known}`);
  });
}

type Changed = Exclude<ChangedShadows, { kind: 'invalid' }>;

function namesOf({ content }: Changed): readonly string[] {
  return (content.shadows ?? []).map(({ name }) => name);
}

function addedText(name: string, { kind, version, before }: Changed): string {
  if (kind === 'unchanged') {
    return `unchanged, shadow ${name} of version ${version} says the same; nothing written`;
  }
  const since = `from version ${version} of the setting on`;
  return before === undefined
    ? `shadow ${name} runs ${since}: it decides, and changes nothing`
    : `shadow ${name} decides by other rules ${since}; its cooldowns go on`;
}

/** Options that are not the default ones; its mode is none of them. */
function optionLines(name: string, { content, before }: Changed): readonly string[] {
  const policy = policyIn(shadowContent(content, name));
  const old = before === undefined ? undefined : policyIn(asInForce(before, content));
  const lines = policy === undefined ? [] : policyLines(policy, old);
  return lines.filter((line) => !line.startsWith('mode'));
}

function policyIn(content: SettingContent | undefined): Policy | undefined {
  return content?.kind === 'setting' ? content.policy : undefined;
}

/** What its author should know. */
function tell(name: string, file: string, changed: Changed, around: Surroundings): void {
  for (const warning of changed.warnings) around.err(`warning: ${file}: ${problemText(warning)}\n`);
  const content = shadowContent(changed.content, name);
  if (content?.kind !== 'setting') return;
  if (!content.setting.enabled) {
    around.err(`warning: ${file}: properties.enabled is false: the shadow decides nothing\n`);
  }
  tellOfRules(content, file, around);
}

function refuse(file: string, problems: readonly Problem[], around: Surroundings): ExitCode {
  for (const problem of problems) around.err(`${file}: ${problemText(problem)}\n`);
  around.err(`${file} was not added: setting and shadows stay as they are.\n`);
  return 1;
}
