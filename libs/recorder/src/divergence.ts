import { idOf, placeOf } from '@headroom/core';
import type { AuditRecord, Divergence } from '@headroom/core';

/** Longest second content that is kept, in characters. A decision is far smaller; a garbled one need not be. */
export const secondLengthMax = 32_768;

/**
 * A function of the second content alone, its time included: a redelivery makes the same divergence under the same id.
 */
export function divergenceOf(record: AuditRecord): Divergence {
  const { id, target, at } = placeOf(record);
  const content = canonicalJson(record);
  return {
    id: idOf('divergence', record.kind, id, content),
    recordId: id,
    target,
    at,
    second: content.slice(0, secondLengthMax),
  };
}

/** JSON with the members of every object in the order of their names: two processes write one content alike. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    const entries = Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}
