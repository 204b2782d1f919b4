import { defaultRule, failed, ok, secondMs, targetId } from '@headroom/core';
import type { AiAccount, Problem, Result, ThrottlingRule } from '@headroom/core';
import { z } from 'zod';
import { misspelt, named, respelt } from '../autoscale-setting/member-names.ts';
import type { Members } from '../autoscale-setting/member-names.ts';
import { problemsOf, withinBytes } from '../json.ts';
import { nameLengthMax } from '../vocabulary/lang.ts';
import { limitRulesMax } from '../vocabulary/limit.ts';
import { settingBytesMax } from '../vocabulary/setting.ts';

// An account of AI services as ARM shows it (GET Microsoft.CognitiveServices/accounts). ARM shows
// dozens of members more, which decide nothing here and are kept as they are.
//
//     { "id": "/subscriptions/…/accounts/vision", "kind": "ComputerVision", "sku": { "name": "S1" },
//       "properties": { "dynamicThrottlingEnabled": true, "capabilities": [{ "name": "DynamicThrottling" }],
//         "callRateLimit": { "rules": [{ "key": "vision", "count": 15.0, "renewalPeriod": 1.0,
//           "dynamicThrottlingEnabled": true, "matchPatterns": [{ "method": "*", "path": "vision/*" }] }] } } }

const accountId =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.CognitiveServices\/accounts\/[^/]+\/?$/i;
/** Longest renewal period: a day. */
const renewalSecondsMax = 86_400;

const text = (what: string) => z.string(`expected ${what}`).min(1, `empty: expected ${what}`);
const name = (what: string) => text(what).max(nameLengthMax);
const flag = z.boolean('expected true, false or null').nullish();

const countSchema = z
  .number('expected calls in a renewal period')
  .min(0, 'expected 0 calls or more');
const period = z
  .number('expected seconds')
  .gt(0, 'expected more than 0 seconds')
  .max(renewalSecondsMax, `expected at most ${renewalSecondsMax} seconds`);

const ruleSchema = z
  .object({
    key: name('the key of the rule, such as vision'),
    count: countSchema,
    renewalPeriod: period,
    dynamicThrottlingEnabled: flag,
    matchPatterns: z
      .array(z.object({ method: z.string().nullish(), path: z.string().nullish() }))
      .max(100)
      .nullish(),
  })
  .transform(({ key, count, renewalPeriod, dynamicThrottlingEnabled, matchPatterns }) => ({
    key,
    count,
    renewalPeriodMs: renewalPeriod * secondMs,
    dynamicThrottlingEnabled: dynamicThrottlingEnabled === true,
    matchPatterns: (matchPatterns ?? []).map(({ method, path }) => ({
      method: method ?? '*',
      path: path ?? '*',
    })),
  })) satisfies z.ZodType<ThrottlingRule>;

const rulesSchema = z
  .array(ruleSchema)
  .max(limitRulesMax, `expected at most ${limitRulesMax} rules`)
  .refine((rules) => new Set(rules.map(({ key }) => key.toLowerCase())).size === rules.length, {
    error: 'two rules of one key: give each a key of its own',
  })
  .nullish();

const accountSchema = z
  .object({
    id: text('the ARM id of the account').regex(
      accountId,
      'expected /subscriptions/{id}/resourceGroups/{name}/providers/Microsoft.CognitiveServices/accounts/{name}',
    ),
    kind: name('the kind of the account, such as ComputerVision'),
    sku: z.object({ name: name('the tier, such as S1') }, 'expected the tier: {"name": "S1"}'),
    properties: z
      .object(
        {
          dynamicThrottlingEnabled: flag,
          capabilities: z
            .array(z.object({ name: z.string() }))
            .max(100)
            .nullish(),
          callRateLimit: z
            .object({
              count: countSchema.nullish(),
              renewalPeriod: period.nullish(),
              rules: rulesSchema,
            })
            .nullish(),
        },
        'expected a JSON object',
      )
      .nullish(),
  })
  .transform(({ id, kind, sku, properties }): AiAccount => {
    const { rules, count, renewalPeriod } = properties?.callRateLimit ?? {};
    return {
      id: targetId(id),
      name: id.replace(/\/$/, '').split('/').at(-1) ?? id,
      kind,
      sku: sku.name,
      dynamicThrottlingEnabled: properties?.dynamicThrottlingEnabled === true,
      capabilities: (properties?.capabilities ?? []).map((capability) => capability.name),
      rules: (rules ?? []).length > 0 ? (rules ?? []) : [onlyRule(count, renewalPeriod)],
    };
  });

/** Of an account that has one limit for everything, or shows none. */
function onlyRule(
  count: number | null | undefined,
  renewalPeriod: number | null | undefined,
): ThrottlingRule {
  if (typeof count !== 'number') return defaultRule;
  return { ...defaultRule, count, renewalPeriodMs: (renewalPeriod ?? 1) * secondMs };
}

/** What is read of an account: other members are Azure's. */
const members: Members = {
  ...named('id', 'name', 'type', 'kind', 'location', 'tags'),
  sku: named('name'),
  properties: {
    ...named('dynamicThrottlingEnabled'),
    capabilities: named('name', 'value'),
    callRateLimit: {
      ...named('count', 'renewalPeriod'),
      rules: {
        ...named('key', 'count', 'renewalPeriod', 'minCount', 'dynamicThrottlingEnabled'),
        matchPatterns: named('path', 'method'),
      },
    },
  },
};

/** The ARM JSON of an account, as somebody wrote it, as its limits need it, or everything that is wrong with it. */
export function parseAccount(document: unknown): Result<AiAccount, readonly Problem[]> {
  const misspellings = misspelt(document, members);
  const parsed = accountSchema.safeParse(document);
  if (parsed.success && misspellings.length === 0) {
    return withinBytes(parsed.data, settingBytesMax, 'shorten the patterns of the rules');
  }
  const ofForm = parsed.success ? [] : problemsOf(parsed.error);
  const meant = new Set(misspellings.map((found) => found.meant));
  return failed([
    ...misspellings.map(({ field, message }) => ({ field, message })),
    ...ofForm.filter(({ field }) => !meant.has(field)),
  ]);
}

/** The same of a document that a store holds: members are read in any case, and others passed over. */
export function readAccount(document: unknown): Result<AiAccount, readonly Problem[]> {
  const parsed = accountSchema.safeParse(respelt(document, 'all', members));
  return parsed.success ? ok(parsed.data) : failed(problemsOf(parsed.error));
}
