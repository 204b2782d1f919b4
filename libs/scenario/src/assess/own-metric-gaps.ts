import { isoOf, minuteMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { CountedAction, TargetHistory } from '../history/target-history.ts';
import { beginsOf } from './azure-operations.ts';

/** The metric is by the minute, and may count an action in the one before or after that of the log. */
const apartMs: Millis = 2 * minuteMs;

/** So late the activity log may have an action (Azure Monitor: 3 to 20 minutes). */
const logLagMs: Millis = 20 * minuteMs;

/** Those that are told one by one. */
const toldMax = 5;

type Direction = 'out' | 'in';

/** Actions that Azure's engine counted, and of which the activity log has nothing. */
export function unloggedActions(history: TargetHistory): readonly string[] {
  const logged = beginsOf(history.events).map(({ at, from, to }) => ({
    at,
    direction: changeOf(from, to),
  }));
  const missing = countedIn(history).flatMap(({ at, direction: spelt, count }) => {
    const direction = directionOf(spelt);
    const left: string[] = [];
    for (let one = 0; one < count; one++) {
      const found = logged.findIndex(
        (begin) => isNear(begin.at, at) && isAlike(begin.direction, direction),
      );
      if (found < 0) left.push(`${direction ?? spelt} at ${isoOf(at)}`);
      else logged.splice(found, 1);
    }
    return left;
  });
  if (missing.length === 0) return [];
  const which =
    missing.length === 1
      ? '1 scale action that Azure counted is'
      : `${missing.length} scale actions that Azure counted are`;
  return [`${which} not in the activity log: ${few(missing)}`];
}

/** The log of what is next to the ends may lie beyond them, or come yet. */
function countedIn({ countedActions = [], from, to }: TargetHistory): readonly CountedAction[] {
  return countedActions.filter(({ at }) => at >= from + apartMs && at < to - logLagMs);
}

/** `minute`: its begin. */
function isNear(at: Instant, minute: Instant): boolean {
  return at >= minute - apartMs && at < minute + minuteMs + apartMs;
}

/** Of what names no direction, either may be meant. */
function isAlike(a: Direction | undefined, b: Direction | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function changeOf(from: number | undefined, to: number | undefined): Direction | undefined {
  if (from === undefined || to === undefined || from === to) return undefined;
  return to > from ? 'out' : 'in';
}

function directionOf(spelt: string): Direction | undefined {
  const directions = { increase: 'out', decrease: 'in' } as const;
  return (directions as Readonly<Record<string, Direction>>)[spelt.toLowerCase()];
}

/** Thresholds with which Azure compared, and which no rule of now has. */
export function formerThresholds({ setting, thresholds = [] }: TargetHistory): readonly string[] {
  const ofNow = setting.profiles.flatMap(({ rules }) => rules.map(({ trigger }) => trigger));
  const others = thresholds.filter(
    ({ value }) => !ofNow.some(({ threshold }) => isSameNumber(threshold, value)),
  );
  const until = new Map<number, Instant>();
  for (const { value, to } of others.toSorted((a, b) => a.to - b.to)) until.set(value, to);
  if (until.size === 0) return [];
  const told = [...until].map(([value, to]) => `${value} until ${isoOf(to)}`);
  const what = 'no rule of now has that threshold: the setting was edited since';
  return [`Azure compared with ${few(told)}; ${what}`];
}

/** A mean of equal values may lie beside them. */
function isSameNumber(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}

function few(texts: readonly string[]): string {
  const more = texts.length - toldMax;
  const told = texts.slice(0, toldMax).join(', ');
  return more > 0 ? `${told} and ${more} more` : told;
}
