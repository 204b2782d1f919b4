import type { Violation } from './violation.ts';

/** The change feed's last version of each document, beside what is there at the end. */
export interface FeedHistory {
  readonly seen: ReadonlyMap<string, string>;
  readonly final: ReadonlyMap<string, string>;
}

/** Every document that is left was seen in its last version. */
export function checkFeed({ seen, final }: FeedHistory, kill: number): Violation[] {
  return [...final]
    .filter(([id, value]) => seen.get(id) !== value)
    .map(([id, value]) => {
      const last = seen.get(id) ?? 'nothing';
      const what = `the change feed showed ${last}, but the document is ${value}`;
      return { what, where: `document ${id}`, kill };
    });
}
