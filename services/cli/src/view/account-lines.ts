import {
  accountIneligibility,
  amountText,
  baseTps,
  ownTps,
  ruleIneligibility,
} from '@headroom/core';
import type {
  Approval,
  Decision,
  LimitInForce,
  RateLimitContent,
  TargetId,
  ThrottlingRule,
} from '@headroom/core';
import { encodeOverrides, encodeRateLimitPolicy } from '@headroom/wire';
import { overrideText } from '../text/override-text.ts';
import { policyLines } from '../text/policy-text.ts';
import { shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';
import type { Colors } from './colors.ts';
import { changeText, reasonText } from './decision-line.ts';
import { section } from './section.ts';

/** An account with the limits in force. */
export interface ShownAccount {
  readonly target: TargetId;
  readonly version: number;
  readonly content: RateLimitContent;
  readonly limits: readonly ShownLimit[];
}

export interface ShownLimit {
  readonly rule: ThrottlingRule;
  /** Calls a second; with an approved default that one. */
  readonly defaultTps: number;
  /** As the scaler set it last; the default, where nobody did. */
  readonly inForceTps: number;
  readonly approval?: Approval;
  /** Why it is never raised. */
  readonly ineligible?: string;
}

export function shownLimits(
  { account, policy }: RateLimitContent,
  inForce: readonly LimitInForce[],
): readonly ShownLimit[] {
  return account.rules.map((rule) => {
    const key = rule.key.toLowerCase();
    const defaultTps = baseTps(rule, policy);
    const approval = policy.approvedBecause?.[key];
    const ineligible = ruleIneligibility(account, rule);
    return {
      rule,
      defaultTps,
      inForceTps: inForce.find((one) => one.key === key)?.tps ?? defaultTps,
      ...(approval === undefined ? {} : { approval }),
      ...(ineligible === undefined ? {} : { ineligible }),
    };
  });
}

type WithDecisions = ShownAccount & { readonly decisions?: readonly (Decision | undefined)[] };

/** Everything about one account, for a person. */
export function accountLines(shown: WithDecisions, colors: Colors): readonly string[] {
  const { target, version, content, limits, decisions = [] } = shown;
  const { account, policy, overrides } = content;
  const why = accountIneligibility(account);
  const told = decisions.filter((decision) => decision !== undefined);
  return [
    `${colors.bold(shortName(target))}: autoscale ${switchText(content)}, version ${version}, mode ${policy.mode}`,
    colors.dim(`  ${target}`),
    `  kind ${account.kind}, tier ${account.sku}: ${why ?? 'its limits may be raised'}`,
    ...section(
      'Limits',
      limits.map((limit) => limitLine(limit, target)),
      colors,
    ),
    ...section('Policy', policyTexts(shown), colors),
    ...section(
      'Overrides',
      overrides.map((override) => overrideText(override, target)),
      colors,
    ),
    ...section('Last decisions', told.length === 0 ? [noneText] : told.map(decisionText), colors),
  ];
}

const noneText = 'none in the last hour: is the system running?';

/** `default  14.7 calls/s, default 10 (* *)`. */
function limitLine(
  { rule, defaultTps, inForceTps, approval, ineligible }: ShownLimit,
  target: TargetId,
): string {
  const own = ownTps(rule);
  const approved = approval === undefined ? '' : ` by ${approval.by}: ${approval.because}`;
  const basis =
    defaultTps === own
      ? `default ${own}`
      : `default ${defaultTps}, approved${approved}; its own ${own}`;
  const patterns = rule.matchPatterns.map(({ method, path }) => `${method} ${path}`).join(', ');
  const never = ineligible === undefined || rule.dynamicThrottlingEnabled ? '' : '; never raised';
  return `${rule.key}  ${amountText(target, inForceTps)}, ${basis} (${patterns})${never}`;
}

/** Approved defaults stand with the limits. */
function policyTexts({ content: { policy } }: ShownAccount): readonly string[] {
  const others = policyLines(policy).filter((line) => !line.startsWith('approved'));
  return others.length === 0 ? ['every option has its default'] : others;
}

function decisionText(decision: Decision): string {
  const { at, outcome, reason, target } = decision;
  const what = `${outcome} ${reason}`;
  const short = decision.id.slice(0, 8);
  return [
    formatInstant(at),
    what,
    shortName(target),
    changeText(decision),
    reasonText(decision),
    short,
  ].join('  ');
}

function switchText({ account: { dynamicThrottlingEnabled } }: RateLimitContent): string {
  return dynamicThrottlingEnabled ? 'on' : 'off';
}

const heads = ['account', 'kind', 'tier', 'autoscale', 'mode', 'limits, calls/s'] as const;

/** A line an account below a head line, in columns. */
export function accountTable(shown: readonly ShownAccount[]): readonly string[] {
  const rows = [heads, ...shown.map((one) => rowOf(one, nameIn(one.target, shown)))];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return cells.join('  ').trimEnd();
  });
}

/** Its name, or where another one has the same, its id. */
function nameIn(target: TargetId, shown: readonly ShownAccount[]): string {
  const alike = shown.filter((one) => shortName(one.target) === shortName(target));
  return alike.length === 1 ? shortName(target) : target;
}

function rowOf({ content, limits }: ShownAccount, name: string): readonly string[] {
  const { account, policy } = content;
  const isEligible = accountIneligibility(account) === undefined;
  const state = isEligible ? switchText(content) : `${switchText(content)}, not eligible`;
  const texts = limits.map(({ rule, inForceTps, defaultTps }) => {
    return `${rule.key} ${inForceTps}${inForceTps === defaultTps ? '' : ` (default ${defaultTps})`}`;
  });
  return [name, account.kind, account.sku, state, policy.mode, texts.join(', ')];
}

/** The same for a program. */
export function accountDocument({
  target,
  version,
  content,
  limits,
  decisions,
}: WithDecisions): object {
  const { account, policy, overrides } = content;
  const ineligible = accountIneligibility(account);
  const { name, kind, sku, dynamicThrottlingEnabled } = account;
  return {
    ...{ account: target, name, version, kind, sku, dynamicThrottlingEnabled },
    ...(ineligible === undefined ? {} : { ineligible }),
    policy: encodeRateLimitPolicy(policy),
    overrides: encodeOverrides(overrides),
    limits: limits.map(({ rule, ...rest }, index) => {
      const lastDecision = decisions?.[index];
      return { key: rule.key, matchPatterns: rule.matchPatterns, ...rest, lastDecision };
    }),
  };
}
