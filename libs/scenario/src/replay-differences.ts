import type { Verdict } from '@headroom/core';

/** One member in which two verdicts differ. */
export interface VerdictDifference {
  /** `rules[0].observed`. */
  readonly path: string;
  /** `undefined`: it is not there. */
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/** Most differences that are told of one decision. */
const differencesMax = 50;

/** Where two verdicts differ: numbers bit for bit, members that are `undefined` as if absent. */
export function verdictDifferences(
  recorded: Verdict,
  replayed: Verdict,
): readonly VerdictDifference[] {
  const found: VerdictDifference[] = [];
  compare('', recorded, replayed, found);
  return found.slice(0, differencesMax);
}

function compare(
  path: string,
  recorded: unknown,
  replayed: unknown,
  found: VerdictDifference[],
): void {
  if (Object.is(recorded, replayed)) return;
  if (!isContainer(recorded) || !isContainer(replayed) || kindOf(recorded) !== kindOf(replayed)) {
    found.push({ path, recorded, replayed });
    return;
  }
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(replayed)])) {
    compare(memberPath(path, name, recorded), recorded[name], replayed[name], found);
  }
}

type Container = Readonly<Record<string, unknown>>;

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function kindOf(value: Container): string {
  return Array.isArray(value) ? 'list' : 'object';
}

function memberPath(path: string, name: string, container: Container): string {
  if (Array.isArray(container)) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}
