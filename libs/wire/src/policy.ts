import { assert, defaultPolicy, failed, flapBudgetMax, modes, ok } from '@headroom/core';
import type { Policy, Problem, Result } from '@headroom/core';
import { z } from 'zod';
import { contractVersion, versionProblem } from './contract.ts';
import { oneOf } from './document-shapes.ts';
import { isObject, jsonBytesOf, problemsOf, unknownMembers } from './json.ts';
import type { JsonObject } from './json.ts';
import { missingDataSchema, missingDataText } from './missing-data.ts';
import { instancesMax } from './vocabulary/lang.ts';
import { ladderMax, policyBytesMax } from './vocabulary/setting.ts';

// Headroom's own document beside the ARM setting, as people write it. Strict: a misspelt member
// would silently mean its default.
//
//     { "mode": "observe", "flapBudget": 6, "missingData": { "out": "lastGood(PT10M)",
//       "rules": [{ "profile": "Nights", "rule": 1, "use": "hold" }] } }

/** Modes of the design that no version of the code has yet. */
const laterModes: readonly unknown[] = ['recommend', 'floor'];

/** With everything that is left out at its default; `v` may be left out as well. */
export function parsePolicy(document: unknown): Result<Policy, readonly Problem[]> {
  if (!isObject(document)) {
    const message = `expected a JSON object such as ${JSON.stringify({ mode: 'observe' })}`;
    return failed([{ field: '', message }]);
  }
  const problem = versionProblem({ v: contractVersion, ...document });
  if (problem !== undefined) return failed([problem]);
  const parsed = policySchema.safeParse(document);
  if (!parsed.success) return failed(problemsOf(parsed.error));
  const bytes = jsonBytesOf(parsed.data);
  if (bytes <= policyBytesMax) return ok(parsed.data);
  const message = `${bytes} bytes are too many: a policy has at most ${policyBytesMax}; name fewer rules`;
  return failed([{ field: '', message }]);
}

/** The document that `parsePolicy` reads, with every option written out: a default may change. */
export function encodePolicy(policy: Policy): JsonObject {
  const { missingData, capacityLadder } = policy;
  const document = {
    v: contractVersion,
    ...policy,
    missingData: {
      out: missingDataText(missingData.out),
      in: missingDataText(missingData.in),
      rules: missingData.rules.map((own) => ({ ...own, use: missingDataText(own.use) })),
    },
    ...(capacityLadder === undefined ? {} : { capacityLadder: [...capacityLadder] }),
  };
  const parsed = parsePolicy(document);
  assert(parsed.ok, `cannot encode this policy: ${JSON.stringify(document)}`);
  return document;
}

const mode = z.enum(modes, {
  error: ({ input }) =>
    laterModes.includes(input)
      ? `${String(input)} comes with a later version: use ${modes.join(' or ')}`
      : `expected one of ${modes.join(', ')}`,
});

const budgetText = `expected a whole number of actions an hour, 1 to ${flapBudgetMax}`;
const flapBudget = z.int(budgetText).min(1, budgetText).max(flapBudgetMax, budgetText);

const countText = `expected a whole number of instances, 0 to ${instancesMax}`;
const ladder = z
  .array(z.int(countText).min(0, countText).max(instancesMax, countText), 'expected a list')
  .min(1, 'empty: give the counts that the target takes, or leave it out')
  .max(ladderMax, `expected at most ${ladderMax} counts`)
  .refine(isAscending, 'expected ascending counts, each once, such as [1,2,4,8]');

const shape = {
  v: z.exactOptional(z.literal(contractVersion)),
  mode: mode.default(defaultPolicy.mode),
  auditLevel: oneOf(['changes', 'all']).default(defaultPolicy.auditLevel),
  cooldownFrom: oneOf(['candidateRule', 'lastFiredRule']).default(defaultPolicy.cooldownFrom),
  scaleOutPreemptsCooldown: z
    .boolean('expected true or false')
    .default(defaultPolicy.scaleOutPreemptsCooldown),
  flapBudget: z.exactOptional(flapBudget),
  missingData: missingDataSchema.default(defaultPolicy.missingData),
  capacityLadder: z.exactOptional(ladder),
};

const policySchema: z.ZodType<Policy> = z
  .strictObject(shape, unknownMembers(Object.keys(shape).filter((name) => name !== 'v')))
  .transform(({ v: _, ...policy }) => policy);

function isAscending(counts: readonly number[]): boolean {
  return counts.every((count, index) => index === 0 || count > (counts[index - 1] ?? 0));
}
