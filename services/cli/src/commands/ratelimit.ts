import { amountText, baseTps, ownTps } from '@headroom/core';
import type { Problem, RateLimitContent, RateLimitPolicy } from '@headroom/core';
import type { SettingStore, StoredSetting } from '@headroom/ports';
import { changeSetting, ruleOf, unknownKeyText } from '@headroom/settings';
import type { Application, InForce } from '@headroom/settings';
import { encodeRateLimitPolicy, parseDocument, parseRateLimitPolicy } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { withStores } from '../connections.ts';
import { accountIn, documentOf, findAccount } from '../settings/accounts.ts';
import type { KnownAccount } from '../settings/accounts.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { printable } from '../text/printable.ts';
import { problemText } from '../text/problem-text.ts';
import { shortName } from '../text/target-name.ts';

/** `headroom ratelimit enable|disable ACCOUNT`: the switch of the stored ARM document, as `az resource update` sets it. */
export async function switchAutoscale(
  text: string,
  on: boolean,
  { data }: { readonly data: string },
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(data, around, async ({ settings }) => {
    const found = await findAccount(text, settings);
    const changed = await change(found, settings, around, (held) => ({
      document: withSwitch(documentOf(held), on),
    }));
    tell(changed, on ? 'autoscale on' : 'autoscale off', around);
    around.out(`    ${printable(on ? onText(changed.content) : offText(changed.content))}\n`);
    return 0;
  });
}

export interface Approved {
  readonly data: string;
  readonly because: string;
  readonly owner: string;
}

/** `headroom ratelimit set-default ACCOUNT KEY TPS`. The limit's own default takes an approval back. */
export async function setDefault(
  text: string,
  key: string,
  tps: number,
  approved: Approved,
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(approved.data, around, async ({ settings }) => {
    const found = await findAccount(text, settings);
    const changed = await change(found, settings, around, (held) => ({
      document: documentOf(held),
      policy: withDefault(held.content, key, tps, approved),
    }));
    const { account, policy } = changed.content;
    const rule = ruleOf(account, key);
    const own = rule !== undefined && ownTps(rule) === tps;
    const what = `default of ${rule?.key ?? key} ${amountText(changed.target, tps)}`;
    tell(changed, own ? `${what}, its own` : `${what}, approved by ${approved.owner}`, around);
    if (tps > policy.maximumTps) {
      around.err(
        `note: that is above the policy's maximum of ${policy.maximumTps}: it is neither lowered nor raised\n`,
      );
    }
    return 0;
  });
}

type Changed = InForce & {
  readonly kind: 'written' | 'unchanged';
  readonly content: RateLimitContent;
};

/** Through the door of `headroom apply`: made again of what somebody else wrote meanwhile. */
async function change(
  { target }: KnownAccount,
  settings: SettingStore,
  around: Surroundings,
  next: (
    held: StoredSetting & KnownAccount,
  ) => Pick<Application, 'document'> & { readonly policy?: RateLimitPolicy },
): Promise<Changed> {
  const changed = await changeSetting(
    target,
    (held) => ({ ...next(accountIn(held, target)), parse: parseDocument, now: around.now() }),
    settings,
  );
  if (changed.kind === 'invalid') throw refused(shortName(target), changed.problems);
  const { content } = changed;
  if (content.kind !== 'rateLimit') throw new Error('an account became another kind');
  return { ...changed, content };
}

function refused(name: string, problems: readonly Problem[]): CommandFailed {
  return new CommandFailed(`${name} stays as it is: ${problems.map(problemText).join('; ')}`);
}

function tell(
  { kind, target, version, content, warnings }: Changed,
  what: string,
  around: Pick<Surroundings, 'out' | 'err'>,
) {
  const already = kind === 'unchanged' ? ' already; nothing written' : '';
  around.out(`${printable(`${shortName(target)}: ${what}${already}`)}, version ${version}\n`);
  for (const warning of warnings) around.err(`warning: ${problemText(warning)}\n`);
  if (content.policy.mode === 'observe') {
    around.err('note: mode observe: decisions are recorded, no limit is changed\n');
  }
}

function withSwitch(document: object, on: boolean): object {
  const properties = 'properties' in document ? document.properties : undefined;
  return {
    ...document,
    properties: { ...(properties as object | undefined), dynamicThrottlingEnabled: on },
  };
}

function withDefault(
  { account, policy }: RateLimitContent,
  key: string,
  tps: number,
  { because, owner: by }: Approved,
): RateLimitPolicy {
  const rule = ruleOf(account, key);
  if (rule === undefined) throw new CommandFailed(`KEY: ${unknownKeyText(account, key)}`);
  const own = ownTps(rule);
  if (tps < own) {
    throw new CommandFailed(
      `TPS: ${tps} is below ${own}, the limit's own default: an approved default is a higher one; ${own} takes an approval back`,
    );
  }
  const name = rule.key.toLowerCase();
  const approvedTps = without(policy.approvedTps, name);
  const approvedBecause = without(policy.approvedBecause ?? {}, name);
  const approvals = tps === own ? approvedBecause : { ...approvedBecause, [name]: { by, because } };
  const parsed = parseRateLimitPolicy({
    ...without(encodeRateLimitPolicy(policy), 'approvedBecause'),
    approvedTps: tps === own ? approvedTps : { ...approvedTps, [name]: tps },
    ...(Object.keys(approvals).length === 0 ? {} : { approvedBecause: approvals }),
  });
  if (parsed.ok) return parsed.value;
  const problems = parsed.error.map((problem) => ({
    ...problem,
    field: optionOf(problem.field, name),
  }));
  throw refused(account.name, problems);
}

/** Where a person gave the member of the policy. */
function optionOf(field: string, key: string): string {
  if (field === `approvedBecause.${key}.because`) return '--because';
  if (field === `approvedBecause.${key}.by`) return '--owner';
  return field === `approvedTps.${key}` ? 'TPS' : `policy.${field}`;
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

function onText({ account, policy }: RateLimitContent): string {
  const rising = account.rules.filter((rule) => rule.dynamicThrottlingEnabled);
  const from = rising.map((rule) => `${rule.key} ${baseTps(rule, policy)}`).join(', ');
  const to = amountText(account.id, policy.maximumTps);
  return rising.length === 0
    ? 'none of its limits may be raised'
    : `while calls are answered 429 and the backend has room, limits rise up to ${to}: ${from}`;
}

function offText({ account, policy }: RateLimitContent): string {
  const defaults = account.rules.map((rule) => `${rule.key} ${baseTps(rule, policy)}`);
  return `within five minutes its limits are their defaults, in calls/s: ${defaults.join(', ')}`;
}
