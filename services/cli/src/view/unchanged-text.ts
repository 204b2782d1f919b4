import type { Decision } from '@headroom/core';

/**
 * Which evaluations have no record of their own: they found what the record before this one says. Only a heartbeat
 * finds that once more.
 */
export function unchangedText({ unchanged, record }: Decision): readonly string[] {
  if (unchanged === 0) return [];
  const evaluations = `${unchanged} evaluation${unchanged === 1 ? '' : 's'} before it`;
  return [
    record === 'heartbeat'
      ? `${evaluations} found the same`
      : `${evaluations} found what the record before says`,
  ];
}
