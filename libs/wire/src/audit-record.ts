import type { AuditRecord, Problem, Result } from '@headroom/core';
import { z } from 'zod';
import { contract } from './contract.ts';
import type { JsonObject } from './json.ts';
import { divergenceSchema, outcomeSchema, scaleCommandSchema } from './vocabulary/command.ts';
import { decisionSchema } from './vocabulary/decision.ts';
import { settingRecordSchema } from './vocabulary/setting.ts';

const auditRecordSchema: z.ZodType<AuditRecord> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('decision'),
    decision: decisionSchema,
    command: z.exactOptional(scaleCommandSchema),
  }),
  z.object({ kind: z.literal('external'), command: scaleCommandSchema }),
  z.object({ kind: z.literal('setting'), setting: settingRecordSchema }),
  z.object({ kind: z.literal('outcome'), outcome: outcomeSchema }),
  z.object({ kind: z.literal('divergence'), divergence: divergenceSchema }),
]);
const records = contract('audit record', auditRecordSchema);

/** A document of the container `audit`, without its id and partition key. */
export function encodeAuditRecord(record: AuditRecord): JsonObject {
  return records.encode(record);
}

/** Members that the store adds are passed over. */
export function decodeAuditRecord(document: unknown): Result<AuditRecord, readonly Problem[]> {
  return records.decode(document);
}
