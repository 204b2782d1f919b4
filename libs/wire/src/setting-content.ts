import { ok } from '@headroom/core';
import type {
  AiAccount,
  AutoscaleSetting,
  Policy,
  Problem,
  QuotaPool,
  QuotaPoolPolicy,
  RateLimitPolicy,
  Result,
  SettingContent,
} from '@headroom/core';
import {
  parseAutoscaleSetting,
  readAutoscaleSetting,
  takeAutoscaleSetting,
} from './autoscale-setting/parse.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { parseOverrides } from './overrides.ts';
import { encodePolicy, parsePolicy } from './policy.ts';
import { parseAccount, readAccount } from './rate-limit/account.ts';
import { encodeRateLimitPolicy, parseRateLimitPolicy } from './rate-limit/policy.ts';
import {
  encodeQuotaPoolPolicy,
  parseQuotaPool,
  parseQuotaPoolPolicy,
  quotaPoolType,
} from './rate-limit/quota-pool.ts';
import { decodeShadows } from './shadows.ts';

/** The kinds of document that a setting may be; each has a policy of its own kind. */
export type DocumentKind = 'setting' | 'rateLimit' | 'quotaPool';

/** Told by the document's `type`, else by its `id`; what says neither is taken for an autoscale setting. */
export function documentKind(document: unknown): DocumentKind {
  const { type, id } = isObject(document) ? document : {};
  const said = typeof type === 'string' ? type.toLowerCase() : '';
  if (said === quotaPoolType.toLowerCase()) return 'quotaPool';
  if (said === 'microsoft.cognitiveservices/accounts') return 'rateLimit';
  if (said !== '' || typeof id !== 'string') return 'setting';
  if (/\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+\/?$/i.test(id))
    return 'rateLimit';
  return /\/microsoft\.cognitiveservices\/locations\/[^/]+\/usages\/[^/]+\/?$/i.test(id)
    ? 'quotaPool'
    : 'setting';
}

/** A document as somebody wrote it, checked strictly. */
export type ParsedDocument =
  | {
      readonly kind: 'setting';
      readonly setting: AutoscaleSetting;
      /** What its author should know. */
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'rateLimit'; readonly account: AiAccount }
  | { readonly kind: 'quotaPool'; readonly pool: QuotaPool };

export function parseDocument(document: unknown): Parsed<ParsedDocument> {
  return parsedAs(document, { setting: parseAutoscaleSetting, account: parseAccount });
}

/** The same of a document that Azure holds already: what it took once is read liberally. */
export function takeDocument(document: unknown): Parsed<ParsedDocument> {
  return parsedAs(document, { setting: takeAutoscaleSetting, account: readAccount });
}

interface Parsers {
  readonly setting: typeof parseAutoscaleSetting;
  readonly account: typeof parseAccount;
}

function parsedAs(document: unknown, { setting, account }: Parsers): Parsed<ParsedDocument> {
  switch (documentKind(document)) {
    case 'setting': {
      const parsed = setting(document);
      if (!parsed.ok) return parsed;
      return ok({ kind: 'setting', setting: parsed.value, warnings: parsed.warnings });
    }
    case 'rateLimit': {
      const parsed = account(document);
      return parsed.ok ? ok({ kind: 'rateLimit', account: parsed.value }) : parsed;
    }
    case 'quotaPool': {
      const parsed = parseQuotaPool(document);
      return parsed.ok ? ok({ kind: 'quotaPool', pool: parsed.value }) : parsed;
    }
  }
}

/** A policy of the document's kind. */
export function parsePolicyOf(
  kind: DocumentKind,
  policy: unknown,
): Parsed<Policy | RateLimitPolicy | QuotaPoolPolicy> {
  switch (kind) {
    case 'setting':
      return parsePolicy(policy);
    case 'rateLimit':
      return parseRateLimitPolicy(policy);
    case 'quotaPool':
      return parseQuotaPoolPolicy(policy);
  }
}

/**
 * What a store's document means, whatever it holds. A policy that was never written is the default one; overrides and
 * shadows that were never written are none.
 */
export function decodeSettingContent(
  document: unknown,
  policy: unknown,
  overrides?: unknown,
  shadows?: unknown,
): SettingContent {
  const itsOverrides = parseOverrides(overrides);
  switch (documentKind(document)) {
    case 'setting':
      return contentOf(readAutoscaleSetting(document), parsePolicy(policy ?? {}), itsOverrides, {
        of: (setting, its, all) => ({
          ...{ kind: 'setting', setting, policy: its, overrides: all },
          ...besides(shadows, setting),
        }),
      });
    case 'rateLimit':
      return contentOf(readAccount(document), parseRateLimitPolicy(policy ?? {}), itsOverrides, {
        of: (account, its, all) => ({ kind: 'rateLimit', account, policy: its, overrides: all }),
      });
    case 'quotaPool':
      return contentOf(parseQuotaPool(document), parseQuotaPoolPolicy(policy ?? {}), itsOverrides, {
        of: (pool, its, all) => ({ kind: 'quotaPool', pool, policy: its, overrides: all }),
      });
  }
}

/** The form in which people write the policy, with every option written out. */
export function encodeAnyPolicy(policy: Policy | RateLimitPolicy | QuotaPoolPolicy): JsonObject {
  if ('pace' in policy) return encodeRateLimitPolicy(policy);
  return 'everyMs' in policy ? encodeQuotaPoolPolicy(policy) : encodePolicy(policy);
}

function besides(documents: unknown, { target }: AutoscaleSetting) {
  const shadows = decodeShadows(documents, target);
  return shadows.length === 0 ? {} : { shadows };
}

type Parsed<T> = Result<T, readonly Problem[]>;

function contentOf<Document, Its, All>(
  document: Parsed<Document>,
  policy: Parsed<Its>,
  overrides: Parsed<All>,
  { of }: { readonly of: (document: Document, policy: Its, overrides: All) => SettingContent },
): SettingContent {
  if (document.ok && policy.ok && overrides.ok) {
    return of(document.value, policy.value, overrides.value);
  }
  const problems = [
    ...sentences(document, ''),
    ...sentences(policy, 'policy '),
    ...sentences(overrides, 'overrides'),
  ];
  return { kind: 'unreadable', problems };
}

function sentences(result: Parsed<unknown>, document: string): readonly string[] {
  if (result.ok) return [];
  return result.error.map(({ field, message }) =>
    document === '' && field === '' ? message : `${document}${field}: ${message}`,
  );
}
