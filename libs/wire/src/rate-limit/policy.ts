import { assert, defaultRateLimitPolicy, failed, minuteMs, modes } from '@headroom/core';
import type { Problem, RateLimitPolicy, Result } from '@headroom/core';
import { z } from 'zod';
import { durationIso } from '../autoscale-setting/duration.ts';
import { contractVersion, versionProblem } from '../contract.ts';
import { oneOf, spokenOwner, spokenReason, spokenTime, strict } from '../document-shapes.ts';
import { isObject, problemsOf, unknownMembers, withinBytes } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { nameLengthMax } from '../vocabulary/lang.ts';
import { policyBytesMax } from '../vocabulary/setting.ts';
import { amount, amountOf, perThousand, perThousandOf } from './money.ts';

// Headroom's own document beside an account, as people write it. Strict: a misspelt member would
// silently mean its default.
//
//     { "pace": "fast", "capacity": { "kind": "static", "tps": 250 },
//       "approvedTps": { "vision": 40 },
//       "approvedBecause": { "vision": { "by": "ann", "because": "the launch in May" } },
//       "spend": { "currency": "EUR", "caps": [{ "of": "account", "per": "hour", "amount": 12.5 }],
//         "prices": [{ "key": "*", "perCall": 0.001 }] } }

const defaults = defaultRateLimitPolicy;
const listMax = 100;
const tpsMax = 1_000_000;

const text = (what: string) =>
  z.string(`expected ${what}`).min(1, `empty: expected ${what}`).max(nameLengthMax);
const tps = z
  .number('expected calls a second')
  .min(0, 'expected 0 calls a second or more')
  .max(tpsMax, `expected at most ${tpsMax} calls a second`);
const ruleKey = text('the key of a rule').transform((key) => key.toLowerCase());
const share = z
  .number('expected a share from 0 to 1')
  .gt(0, 'expected more than 0')
  .max(1, 'expected at most 1');
const decay = z
  .discriminatedUnion(
    'kind',
    [
      strict({ kind: z.literal('hold') }),
      strict({
        kind: oneOf(['geometric', 'linear', 'drop']),
        idle: spokenTime.default(10 * minuteMs),
      }),
    ],
    'expected {"kind": "hold"}, or {"kind": "geometric", "idle": "PT10M"}, or linear or drop',
  )
  .transform((found): RateLimitPolicy['decay'] =>
    found.kind === 'hold' ? found : { kind: found.kind, idleMs: found.idle },
  );

const capacity = z.discriminatedUnion(
  'kind',
  [
    strict({ kind: z.literal('static'), tps }),
    strict({ kind: z.literal('learned'), initialTps: tps.default(1000) }),
    strict({
      kind: z.literal('arm'),
      model: text('format/name/version').regex(
        /^[^/]+\/[^/]+\/[^/]+$/,
        'expected format/name/version, such as OpenAI/gpt-4o-mini/2024-07-18',
      ),
      skuName: text('the sku, such as Standard'),
      tpsPerUnit: tps,
    }),
  ],
  'expected {"kind": "static", "tps": 250}, or kind learned or arm',
);

const cap = strict({
  of: oneOf(['account', 'group']),
  per: oneOf(['hour', 'day', 'month']),
  amount,
});
const price = strict({
  key: text('the key of a rule, or *'),
  perCall: amount.default(0),
  perThousandInputTokens: perThousand.default(0),
  perThousandOutputTokens: perThousand.default(0),
});
const spend = strict({
  currency: text('a currency such as EUR').max(8, 'expected a currency such as EUR'),
  caps: z
    .array(cap, 'expected a list of caps')
    .min(1, 'empty: name a cap, or leave spend out')
    .max(listMax),
  prices: z
    .array(price, 'expected a list of prices')
    .min(1, 'empty: name a price, {"key":"*","perCall":0.001}')
    .max(listMax),
}).transform(({ currency, caps, prices }): RateLimitPolicy['spend'] => ({
  currency,
  caps: caps.map(({ amount: amountMicros, ...rest }) => ({ ...rest, amountMicros })),
  prices: prices.map((one) => ({
    key: one.key.toLowerCase(),
    perCallMicros: one.perCall,
    perInputTokenMicros: one.perThousandInputTokens,
    perOutputTokenMicros: one.perThousandOutputTokens,
  })),
}));

const approval = strict({ by: spokenOwner('who approved it'), because: spokenReason });

const tokenLimit = strict({
  deployment: text('the name of a model deployment'),
  tokensPerMinute: z
    .int('expected whole tokens a minute')
    .min(1, 'expected 1 token a minute or more'),
});
const gateway = strict({
  whenAway: oneOf(['open', 'closed']).default(defaults.gateway.whenAway),
  callerShareMax: share.default(defaults.gateway.callerShareMax),
  tokenLimits: z
    .array(tokenLimit, 'expected a list')
    .max(listMax)
    .default(() => []),
});

const shape = {
  v: z.exactOptional(z.literal(contractVersion)),
  mode: oneOf(modes).default(defaults.mode),
  auditLevel: oneOf(['changes', 'all']).default(defaults.auditLevel),
  pace: oneOf(['fast', 'azure']).default(defaults.pace),
  growth: oneOf(['geometric', 'linear', 'demand']).default(defaults.growth),
  decay: decay.default(defaults.decay),
  maximumTps: tps.default(defaults.maximumTps),
  approvedTps: z.record(ruleKey, tps, 'expected {"KEY": calls a second}').default(() => ({})),
  approvedBecause: z.exactOptional(
    z.record(ruleKey, approval, 'expected {"KEY": {"by": "ann", "because": "why"}}'),
  ),
  capacity: capacity.default(defaults.capacity as never),
  group: z.exactOptional(text('a name that accounts of one backend share')),
  anomalyFactor: z.exactOptional(z.number('expected a factor').min(1, 'expected 1 or more')),
  spend: z.exactOptional(spend),
  gateway: gateway.default(() => ({ ...defaults.gateway, tokenLimits: [] })),
};

const policySchema = z
  .strictObject(shape, unknownMembers(Object.keys(shape).filter((name) => name !== 'v')))
  .transform(({ v: _, ...policy }) => policy as RateLimitPolicy)
  .superRefine(({ approvedTps, approvedBecause = {} }, context) => {
    for (const key of Object.keys(approvedBecause).filter(
      (one) => !Object.hasOwn(approvedTps, one),
    )) {
      const message = 'approves nothing: approvedTps has no such key';
      context.addIssue({ code: 'custom', path: ['approvedBecause', key], message });
    }
  });

/** With everything that is left out at its default; `v` may be left out as well. */
export function parseRateLimitPolicy(
  document: unknown,
): Result<RateLimitPolicy, readonly Problem[]> {
  if (!isObject(document)) {
    return failed([{ field: '', message: 'expected a JSON object such as {"pace":"fast"}' }]);
  }
  const problem = versionProblem({ v: contractVersion, ...document });
  if (problem !== undefined) return failed([problem]);
  const parsed = policySchema.safeParse(document);
  if (!parsed.success) return failed(problemsOf(parsed.error));
  return withinBytes(parsed.data, policyBytesMax, 'name fewer keys, prices and deployments');
}

/** The document that `parseRateLimitPolicy` reads, with every option written out: a default may change. */
export function encodeRateLimitPolicy(policy: RateLimitPolicy): JsonObject {
  const { decay: itsDecay, spend: itsSpend } = policy;
  const document = {
    v: contractVersion,
    ...policy,
    decay:
      itsDecay.kind === 'hold'
        ? itsDecay
        : { kind: itsDecay.kind, idle: durationIso(itsDecay.idleMs) },
    ...(itsSpend === undefined ? {} : { spend: spendDocument(itsSpend) }),
  };
  assert(
    parseRateLimitPolicy(document).ok,
    `cannot encode this policy: ${JSON.stringify(document)}`,
  );
  return document;
}

function spendDocument({ currency, caps, prices }: NonNullable<RateLimitPolicy['spend']>) {
  return {
    currency,
    caps: caps.map(({ amountMicros, ...rest }) => ({ ...rest, amount: amountOf(amountMicros) })),
    prices: prices.map((one) => ({
      key: one.key,
      perCall: amountOf(one.perCallMicros),
      perThousandInputTokens: perThousandOf(one.perInputTokenMicros),
      perThousandOutputTokens: perThousandOf(one.perOutputTokenMicros),
    })),
  };
}
