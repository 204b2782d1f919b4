import { defaultPolicy, failed } from '@headroom/core';
import type { Policy, Problem, Result } from '@headroom/core';
import { z } from 'zod';
import { contract } from './contract.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { auditLevelSchema, modeSchema } from './vocabulary/setting.ts';

// Headroom's own document beside the ARM setting. Strict: a misspelt member would silently mean its
// default.
const policies = contract<Policy>(
  'policy',
  z
    .strictObject({
      v: z.exactOptional(z.literal(1)),
      mode: modeSchema.default(defaultPolicy.mode),
      auditLevel: auditLevelSchema.default(defaultPolicy.auditLevel),
    })
    .transform(({ mode, auditLevel }) => ({ mode, auditLevel })),
);

export function encodePolicy(policy: Policy): JsonObject {
  return policies.encode(policy);
}

/**
 * People write this document: what is left out has its default, and `v` may be left out as well.
 */
export function parsePolicy(document: unknown): Result<Policy, readonly Problem[]> {
  if (!isObject(document)) {
    const message = `expected a JSON object such as ${JSON.stringify(defaultPolicy)}`;
    return failed([{ field: '', message }]);
  }
  return policies.decode({ v: 1, ...document });
}
