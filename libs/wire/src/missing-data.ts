import { defaultPolicy, hourMs, secondMs } from '@headroom/core';
import type { MissingData, MissingDataOfRule, MissingDataPolicy } from '@headroom/core';
import { z } from 'zod';
import { durationIso, spokenDurationMs } from './autoscale-setting/duration.ts';
import { unknownMembers } from './json.ts';
import { titleSchema } from './vocabulary/lang.ts';
import { ownChoicesMax } from './vocabulary/setting.ts';

/** How long the last good window may go on to count. */
const ttlMinMs = secondMs;
const ttlMaxMs = 24 * hourMs;

const choices = 'hold, default, failUp or lastGood(PT10M)';

/** `hold`, `default`, `failUp` or `lastGood(PT10M)`. */
export function missingDataText(use: MissingDataPolicy): string {
  return use.kind === 'lastGood' ? `lastGood(${durationIso(use.ttlMs)})` : use.kind;
}

/**
 * One word for both directions (`failUp` leaves in rules as they are), or
 * `{ out, in, rules: [{ profile?, rule, use }] }`.
 */
export const missingDataSchema: z.ZodType<MissingData> = z.unknown().transform((value, context) => {
  const schema = typeof value === 'string' ? both : byDirection;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.addIssue({ ...issue });
  return z.NEVER;
});

const use = z.string(`expected ${choices}`).transform((text, context): MissingDataPolicy => {
  const found = policyOf(text);
  if (typeof found !== 'string') return found;
  context.addIssue({ code: 'custom', message: found });
  return z.NEVER;
});

const useOfInRules = use.refine(
  ({ kind }) => kind !== 'failUp',
  'failUp scales out: it is for out rules only; use hold, default or lastGood(PT10M)',
);

const both = use.transform((one): MissingData => ({
  out: one,
  in: one.kind === 'failUp' ? defaultPolicy.missingData.in : one,
  rules: [],
}));

const indexText = 'expected the index of a rule in its profile, from 0';
const ownChoice: z.ZodType<MissingDataOfRule> = z.strictObject(
  { profile: z.exactOptional(titleSchema), rule: z.int(indexText).min(0, indexText), use },
  unknownMembers(['profile', 'rule', 'use']),
);

const byDirection: z.ZodType<MissingData> = z.strictObject(
  {
    out: use.default(defaultPolicy.missingData.out),
    in: useOfInRules.default(defaultPolicy.missingData.in),
    rules: z
      .array(ownChoice, 'expected a list such as [{"rule":0,"use":"hold"}]')
      .max(ownChoicesMax)
      .default(() => []),
  },
  unknownMembers(['out', 'in', 'rules'], `expected ${choices}, or {"out":…,"in":…,"rules":…}`),
);

/** A text is what is wrong. */
function policyOf(text: string): MissingDataPolicy | string {
  if (text === 'hold' || text === 'default' || text === 'failUp') return { kind: text };
  const ttl = /^lastGood\((.*)\)$/.exec(text)?.[1];
  if (ttl === undefined) return `expected ${choices}, not ${text.slice(0, 40)}`;
  const ttlMs = spokenDurationMs(ttl);
  if (ttlMs !== undefined && ttlMs >= ttlMinMs && ttlMs <= ttlMaxMs) {
    return { kind: 'lastGood', ttlMs };
  }
  return `expected a time from 1 second to 24 hours, such as lastGood(PT10M) or lastGood(10m)`;
}
