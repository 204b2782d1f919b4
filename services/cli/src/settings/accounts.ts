import type { RateLimitContent, SettingVersion, TargetId } from '@headroom/core';
import type { SettingStore, StoredSetting } from '@headroom/ports';
import { CommandFailed } from '../command-failed.ts';
import { findKnownTarget } from '../text/target-name.ts';
import { knownSettings } from './known-settings.ts';

/** An account that Headroom knows, with what is in force. */
export interface KnownAccount extends SettingVersion {
  readonly content: RateLimitContent;
}

/** Those that can be read, by their ids. */
export async function knownAccounts(store: SettingStore): Promise<readonly KnownAccount[]> {
  const known = await knownSettings(store);
  return known.filter(isAccount).sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** The account that a person means, by its ARM id or its name. Throws `CommandFailed` that names near ones. */
export async function findAccount(text: string, store: SettingStore): Promise<KnownAccount> {
  const accounts = await knownAccounts(store);
  if (accounts.length === 0) throw new CommandFailed(`no account is known yet: ${applyAdvice}`);
  const found = findKnownTarget(
    text,
    accounts.map(({ target }) => target),
  );
  const account = accounts.find(({ target }) => found.ok && target === found.value);
  if (account !== undefined) return account;
  throw new CommandFailed(`${found.ok ? '' : found.error}\nFor another one: ${applyAdvice}`);
}

/** What is in force of an account that was known a moment ago. */
export function accountIn(
  held: StoredSetting | undefined,
  target: TargetId,
): KnownAccount & { readonly document: object } {
  if (held === undefined || !isAccount(held) || typeof held.document !== 'object') {
    throw new CommandFailed(`${target} was taken away meanwhile: ${applyAdvice}`);
  }
  return { ...held, document: held.document ?? {} };
}

const applyAdvice =
  'az resource show --ids ACCOUNT > account.json, then headroom apply account.json';

function isAccount<Version extends SettingVersion>(
  version: Version,
): version is Version & KnownAccount {
  return version.content.kind === 'rateLimit';
}
