import { after, hourMs, limitTarget } from '@headroom/core';
import type { Decision, Instant, TargetId } from '@headroom/core';
import type { AuditLog, LimitStore } from '@headroom/ports';
import { withStores } from '../connections.ts';
import { findAccount, knownAccounts } from '../settings/accounts.ts';
import type { KnownAccount } from '../settings/accounts.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { namesText } from '../text/target-name.ts';
import { printable, printableIn } from '../text/printable.ts';
import { accountDocument, accountLines, accountTable, shownLimits } from '../view/account-lines.ts';
import type { ShownAccount } from '../view/account-lines.ts';
import { colorsOf } from '../view/colors.ts';

export interface ShownOptions {
  readonly data: string;
  readonly json: boolean;
}

/** How far back the last decision is looked for: while the system runs, a limit has a record every 15 minutes. */
const lookBackMs = hourMs;

/** `headroom ratelimit show ACCOUNT`. */
export async function showAccount(
  text: string,
  { data, json }: ShownOptions,
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(data, around, async ({ settings, limits, audit }) => {
    const known = await findAccount(text, settings);
    const { rules } = known.content.account;
    const since = after(around.now(), -lookBackMs);
    const decisions = await Promise.all(
      rules.map(({ key }) => lastDecision(audit, limitTarget(known.target, key), since)),
    );
    const shown = { ...(await shownOf(known, limits)), decisions };
    if (json) around.out(jsonLine(shown));
    else around.out(`${accountLines(printableIn(shown), colorsOf(around)).join('\n')}\n`);
    return 0;
  });
}

/** `headroom ratelimit list`. */
export async function listAccounts(
  { data, json }: ShownOptions,
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(data, around, async ({ settings, limits }) => {
    const { accounts, unreadable } = await knownAccounts(settings);
    const shown = await Promise.all(accounts.map((one) => shownOf(one, limits)));
    if (json) for (const one of shown) around.out(jsonLine(one));
    else if (shown.length === 0) around.err('No account is known: apply one first.\n');
    else around.out(`${accountTable(printableIn(shown)).join('\n')}\n`);
    if (unreadable.length > 0) {
      const names = namesText(unreadable.map(({ target }) => target));
      around.err(`note: cannot be read, and are held: ${names}\n`);
    }
    return 0;
  });
}

async function shownOf(known: KnownAccount, store: LimitStore): Promise<ShownAccount> {
  const { target, version, content } = known;
  const inForce = await store.read(target);
  return { target, version, content, limits: shownLimits(content, inForce?.limits ?? []) };
}

async function lastDecision(
  audit: AuditLog,
  target: TargetId,
  since: Instant,
): Promise<Decision | undefined> {
  let last: Decision | undefined;
  for await (const record of audit.query({ target, since })) {
    if (record.kind === 'decision') last = record.decision;
  }
  return last;
}

function jsonLine(shown: Parameters<typeof accountDocument>[0]): string {
  return `${printable(JSON.stringify(accountDocument(shown)))}\n`;
}
