import { isAccountId } from '@headroom/core';
import type { RateLimitContent, SettingVersion, TargetId } from '@headroom/core';
import type { SettingStore, StoredSetting } from '@headroom/ports';
import { knownSettings } from '@headroom/settings';
import { CommandFailed } from '../command-failed.ts';
import { findKnownTarget, shortName } from '../text/target-name.ts';

/** An account that Headroom knows, with what is in force. */
export interface KnownAccount extends SettingVersion {
  readonly content: RateLimitContent;
}

export interface KnownAccounts {
  /** By their ids. */
  readonly accounts: readonly KnownAccount[];
  /** Versions that this code cannot read. */
  readonly unreadable: readonly SettingVersion[];
}

export async function knownAccounts(store: SettingStore): Promise<KnownAccounts> {
  const known = [...(await knownSettings(store))].sort((a, b) => (a.target < b.target ? -1 : 1));
  return { accounts: known.filter(isReadable), unreadable: known.filter(isUnreadable) };
}

/** The account that a person means, by its ARM id or its name. Throws `CommandFailed` that names near ones. */
export async function findAccount(text: string, store: SettingStore): Promise<KnownAccount> {
  const { accounts, unreadable } = await knownAccounts(store);
  const all = [...accounts, ...unreadable];
  if (all.length === 0) throw new CommandFailed(`no account is known yet: ${applyAdvice}`);
  const targets = all.map(({ target }) => target);
  const found = findKnownTarget(text, targets);
  if (!found.ok) throw new CommandFailed(`${found.error}\nFor another one: ${applyAdvice}`);
  return accountIn(
    all.find(({ target }) => target === found.value),
    found.value,
  );
}

/** What is in force of it. Throws `CommandFailed` where that is no account that can be read. */
export function accountIn<Version extends SettingVersion>(
  held: Version | undefined,
  target: TargetId,
): Version & KnownAccount {
  if (held !== undefined && isReadable(held)) return held;
  const why =
    held?.content.kind === 'unreadable'
      ? `cannot be read (${held.content.problems.join('; ')}), apply a good one`
      : 'is not there any more';
  throw new CommandFailed(`${shortName(target)} ${why}: ${applyAdvice}`);
}

/** The ARM document of an account, as it was written. */
export function documentOf({ target, document }: StoredSetting): object {
  if (typeof document === 'object' && document !== null) return document;
  throw new CommandFailed(`${shortName(target)} has no document: ${applyAdvice}`);
}

const applyAdvice =
  'az resource show --ids ACCOUNT > account.json, then headroom apply account.json';

function isReadable<Version extends SettingVersion>(
  version: Version,
): version is Version & KnownAccount {
  return version.content.kind === 'rateLimit';
}

function isUnreadable({ target, content }: SettingVersion): boolean {
  return content.kind === 'unreadable' && isAccountId(target);
}
