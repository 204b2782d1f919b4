import { accountIneligibility, lint, severities, shadowsOf, validatePolicy } from '@headroom/core';
import type { Mode, Problem, SettingContent } from '@headroom/core';
import { localEnvironment } from '@headroom/runtime';
import type { Environment } from '@headroom/runtime';
import { applySetting, type AppliedSetting, type Content, type InForce } from '@headroom/settings';
import { documentKind, parseDocument } from '@headroom/wire';
import { openStores, silentLog } from '../connections.ts';
import { otherAutoscaler } from '../settings/azure-autoscale.ts';
import { capacityWarnings } from '../settings/pool-capacities.ts';
import { readDocument, readPolicyOf } from '../settings/read-document.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { overrideText } from '../text/override-text.ts';
import { policyLines } from '../text/policy-text.ts';
import { problemText } from '../text/problem-text.ts';
import { shortName } from '../text/target-name.ts';

export interface ApplyOptions {
  readonly data: string;
  /** A file; the policy in force stays when absent. */
  readonly policy?: string;
  /** Wins over the policy's. */
  readonly mode?: Mode;
}

/** `headroom apply FILE`. */
export async function apply(
  file: string,
  { data, policy, mode }: ApplyOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const document = await readDocument(file);
  const application = {
    document,
    parse: parseDocument,
    now: around.now(),
    ...(policy === undefined ? {} : { policy: await readPolicyOf(documentKind(document), policy) }),
    ...(mode === undefined ? {} : { mode }),
  };
  const find = () => localEnvironment(data, around.env);
  await using opened = new AsyncDisposableStack();
  const applied = await applySetting(application, async () => {
    const stores = await openStores(find(), silentLog);
    opened.defer(() => stores.close());
    return stores.settings;
  });
  if (applied.kind === 'invalid') return refuse(file, applied.problems, around);
  for (const warning of applied.warnings) {
    around.err(`warning: ${file}: ${problemText(warning)}\n`);
  }
  around.out(`${[appliedText(applied), ...detailLines(applied)].join('\n    ')}\n`);
  if (applied.content.kind === 'setting') tellOfRules(applied.content, file, around);
  for (const warning of await warningsOfAzure(applied, find)) {
    around.err(`warning: ${warning}\n`);
  }
  return 0;
}

/** What Azure knows of the target, and its author may not. */
async function warningsOfAzure(
  { content, target }: InForce,
  find: () => Environment,
): Promise<readonly string[]> {
  switch (content.kind) {
    case 'setting': {
      const warning = await otherAutoscaler(target, find());
      return warning === undefined ? [] : [warning];
    }
    case 'quotaPool':
      return capacityWarnings(content.pool, find());
    case 'rateLimit':
      return [];
  }
}

function refuse(file: string, problems: readonly Problem[], around: Surroundings): ExitCode {
  for (const problem of problems) around.err(`${file}: ${problemText(problem)}\n`);
  around.err(`${file} was not applied: the setting in force, if any, stays.\n`);
  return 1;
}

/** `chat/blue: version 2 is in force, mode act`. */
export function appliedText(applied: Exclude<AppliedSetting, { kind: 'invalid' }>): string {
  const name = shortName(applied.target);
  if (applied.kind === 'written') {
    return `${name}: version ${applied.version} is in force, ${modeText(applied.content.policy.mode)}`;
  }
  return `${name}: unchanged, version ${applied.version} says the same; nothing written`;
}

function modeText(mode: Mode): string {
  return mode === 'act' ? 'mode act' : 'mode observe: decisions are recorded, nothing is scaled';
}

/** What lint and the policy's own checks find. */
export function tellOfRules({ setting, policy }: Rules, file: string, around: Surroundings): void {
  for (const warning of validatePolicy(policy, setting)) {
    around.err(`warning: policy: ${problemText(warning)}\n`);
  }
  const found = lintText({ setting, policy }, file, around);
  if (found !== undefined) around.err(`${found}\n`);
}

type Rules = Pick<Extract<SettingContent, { kind: 'setting' }>, 'setting' | 'policy'>;

/** Notes are not counted: they take nothing back. */
function lintText({ setting, policy }: Rules, file: string, around: Surroundings) {
  const findings = lint(setting, policy, { from: around.now() });
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count === 0 || severity === 'note') return [];
    return [`${count} ${severity}${count === 1 ? '' : 's'}`];
  });
  if (counts.length === 0) return undefined;
  return `lint: ${counts.join(', ')}; "headroom lint ${file}" says what and why`;
}

/** Off is how ARM shows most accounts: whoever applies one wants to know. */
function switchLines(content: Content): readonly string[] {
  if (content.kind !== 'rateLimit') return [];
  const { account } = content;
  if (account.dynamicThrottlingEnabled) return ['autoscale: on'];
  const why = accountIneligibility(account);
  return [`autoscale: off; ${why ?? `headroom ratelimit enable ${account.name} turns it on`}`];
}

function detailLines({ target, content, before }: InForce): readonly string[] {
  return [
    ...switchLines(content),
    ...policyLines(content.policy, before),
    ...content.overrides.map((override) => `stays ${overrideText(override, target)}`),
    ...shadowsOf(content).map(({ name }) => `stays: shadow ${name}`),
  ];
}
