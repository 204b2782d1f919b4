import { editDistance } from '@headroom/core';

/** ` (did you mean "reason"?)` where one of the names is near enough to be what was meant, otherwise nothing. */
export function didYouMean(word: string, names: readonly string[]): string {
  const ranked = names
    .map((name) => ({ name, distance: editDistance(word, name) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined || best.distance > Math.max(1, Math.ceil(word.length / 3))) return '';
  return ` (did you mean "${best.name}"?)`;
}
