import { isoOf } from '@headroom/core';
import type { Instant } from '@headroom/core';

/** For `JSON.stringify`, in documents for programs: instants as ISO 8601 in UTC, lengths stay milliseconds. */
export function withIsoTimes(name: string, value: unknown): unknown {
  if (typeof value !== 'number' || !instants.has(name) || value < leastInstant) return value;
  return isoOf(value as Instant);
}

/** Members that are instants by their names, here and in decisions. */
const instants = new Set(
  'at from to endedAt since until frontier changesAt dueAt observedAt lastActionAt decidedAt startBy'.split(
    ' ',
  ),
);

/** A count has a name of these too: an instant is after 2001. */
const leastInstant = 1e12;
