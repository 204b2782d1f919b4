import { assert, defaultQuotaPoolPolicy, failed, modes, ok, targetId } from '@headroom/core';
import type { Problem, QuotaPool, QuotaPoolPolicy, Result } from '@headroom/core';
import { z } from 'zod';
import { durationIso } from '../autoscale-setting/duration.ts';
import { contractVersion, versionProblem } from '../contract.ts';
import { oneOf, spokenTime, strict } from '../document-shapes.ts';
import { isObject, problemsOf, unknownMembers, withinBytes } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { nameLengthMax } from '../vocabulary/lang.ts';
import { pooledDeploymentsMax } from '../vocabulary/limit.ts';
import { settingBytesMax } from '../vocabulary/setting.ts';

// Model deployments that draw on one quota. ARM has no such resource: the id is that of the usage
// which ARM counts for them.
//
//     { "id": "/subscriptions/…/providers/Microsoft.CognitiveServices/locations/westeurope/usages/OpenAI.Standard.gpt-4o-mini",
//       "type": "Headroom/quotaPools", "properties": { "deployments": [
//         { "id": "/subscriptions/…/accounts/a/deployments/chat", "guarantee": 10, "maximum": 100 }, … ] } }

export const quotaPoolType = 'Headroom/quotaPools';

const usageId =
  /^\/subscriptions\/[^/]+\/providers\/Microsoft\.CognitiveServices\/locations\/[^/]+\/usages\/[^/]+\/?$/i;
const deploymentId =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.CognitiveServices\/accounts\/[^/]+\/deployments\/[^/]+\/?$/i;

const countText = 'expected a whole number of units of capacity, 0 or more';
const count = z.int(countText).min(0, countText);

const deployment = strict({
  id: z
    .string('expected the ARM id of a model deployment')
    .regex(
      deploymentId,
      'expected …/Microsoft.CognitiveServices/accounts/{name}/deployments/{name}',
    ),
  guarantee: count.default(0),
  maximum: count,
  priority: count.default(0),
  minimum: count.default(1),
  step: z.int('expected a whole number').min(1, 'expected 1 or more').default(1),
  allowedValues: z.exactOptional(z.array(count).min(1, 'empty: leave it out').max(1000)),
})
  .refine(({ minimum, maximum }) => minimum <= maximum, {
    path: ['minimum'],
    error: 'above the maximum: no capacity is allowed',
  })
  .refine(({ guarantee, maximum }) => guarantee <= maximum, {
    path: ['guarantee'],
    error: 'above the maximum: nothing could be moved',
  })
  .transform(({ id, allowedValues, ...rest }) => ({
    target: targetId(id),
    ...rest,
    ...(allowedValues === undefined
      ? {}
      : { allowedValues: [...allowedValues].sort((a, b) => a - b) }),
  }));

const poolSchema = z
  .object({
    id: z
      .string('expected the id of the usage that ARM counts')
      .regex(
        usageId,
        'expected /subscriptions/{id}/providers/Microsoft.CognitiveServices/locations/{region}/usages/{name}',
      ),
    name: z.exactOptional(z.string('expected a name').min(1).max(nameLengthMax)),
    properties: strict({
      deployments: z
        .array(deployment, 'expected a list of deployments')
        .min(2, 'expected two deployments or more: one has nobody to share with')
        .max(pooledDeploymentsMax)
        .refine((all) => new Set(all.map(({ target }) => target)).size === all.length, {
          error: 'a deployment is there twice',
        }),
    }),
  })
  .transform(({ id, name, properties }): QuotaPool => ({
    id: targetId(id),
    name: name ?? id.split('/').at(-1) ?? id,
    deployments: properties.deployments,
  }));

export function parseQuotaPool(document: unknown): Result<QuotaPool, readonly Problem[]> {
  const parsed = poolSchema.safeParse(document);
  if (!parsed.success) return failed(problemsOf(parsed.error));
  return withinBytes(parsed.data, settingBytesMax, 'pool fewer deployments');
}

const defaults = defaultQuotaPoolPolicy;
const policyShape = {
  v: z.exactOptional(z.literal(contractVersion)),
  mode: oneOf(modes).default(defaults.mode),
  auditLevel: oneOf(['changes', 'all']).default(defaults.auditLevel),
  every: spokenTime.default(defaults.everyMs),
  idleBelow: z
    .number('expected a share')
    .min(0)
    .max(1, 'expected a share from 0 to 1')
    .default(defaults.idleBelow),
  reserve: z
    .number('expected a share')
    .min(0)
    .max(10, 'expected a share from 0 to 10')
    .default(defaults.reserve),
};

const policySchema = z
  .strictObject(
    policyShape,
    unknownMembers(Object.keys(policyShape).filter((name) => name !== 'v')),
  )
  .transform(({ v: _, every: everyMs, ...rest }): QuotaPoolPolicy => ({ ...rest, everyMs }));

export function parseQuotaPoolPolicy(
  document: unknown,
): Result<QuotaPoolPolicy, readonly Problem[]> {
  if (!isObject(document)) {
    return failed([{ field: '', message: 'expected a JSON object such as {"idleBelow":0.5}' }]);
  }
  const problem = versionProblem({ v: contractVersion, ...document });
  if (problem !== undefined) return failed([problem]);
  const parsed = policySchema.safeParse(document);
  return parsed.success ? ok(parsed.data) : failed(problemsOf(parsed.error));
}

export function encodeQuotaPoolPolicy({ everyMs, ...rest }: QuotaPoolPolicy): JsonObject {
  const document = { v: contractVersion, ...rest, every: durationIso(everyMs) };
  assert(
    parseQuotaPoolPolicy(document).ok,
    `cannot encode this policy: ${JSON.stringify(document)}`,
  );
  return document;
}
