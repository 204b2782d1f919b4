import type { Value } from '../query.ts';
import type { Functions } from './function.ts';

/** Ticks are 100 ns since the year 1. */
const TICKS_PER_MS = 10_000;
const TICKS_AT_1970 = 621_355_968_000_000_000;
const MAX_MS = 8.64e15;

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.(\d{1,7}))?Z$/;

/** Texts are `2026-11-29T01:02:03.1234567Z`, always in UTC. */
export const dateFunctions: Functions = {
  GETCURRENTDATETIME: { arity: [0, 0], apply: () => textOf(Date.now()) },
  GETCURRENTTIMESTAMP: { arity: [0, 0], apply: () => Date.now() },
  GETCURRENTTICKS: { arity: [0, 0], apply: () => ticksOf(Date.now()) },
  DATETIMETOTIMESTAMP: { arity: [1, 1], apply: millis },
  DATETIMETOTICKS: {
    arity: [1, 1],
    apply: (text) => {
      const ms = millis(text);
      return ms === undefined ? undefined : ticksOf(ms);
    },
  },
  TIMESTAMPTODATETIME: {
    arity: [1, 1],
    apply: (ms) => (typeof ms === 'number' ? textOf(ms) : undefined),
  },
  TICKSTODATETIME: {
    arity: [1, 1],
    apply: (ticks) =>
      typeof ticks === 'number' ? textOf((ticks - TICKS_AT_1970) / TICKS_PER_MS) : undefined,
  },
  DATETIMEADD: {
    arity: [3, 3],
    apply: (part, count, text) => {
      const [ms, name] = [millis(text), partOf(part)];
      if (ms === undefined || name === undefined || !Number.isInteger(count)) return undefined;
      return textOf(add(name, count as number, ms));
    },
  },
  DATETIMEDIFF: {
    arity: [3, 3],
    apply: (part, start, end) => {
      const [from, to, name] = [millis(start), millis(end), partOf(part)];
      if (from === undefined || to === undefined || name === undefined) return undefined;
      return index(name, to) - index(name, from);
    },
  },
  DATETIMEPART: {
    arity: [2, 2],
    apply: (part, text) => {
      const [ms, name] = [millis(text), partOf(part)];
      return ms === undefined || name === undefined ? undefined : valueOf(name, ms);
    },
  },
};

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const PARTS: Readonly<Record<string, Part>> = {
  ...{ year: 'year', yyyy: 'year', yy: 'year', month: 'month', mm: 'month', m: 'month' },
  ...{ day: 'day', dd: 'day', d: 'day', hour: 'hour', hh: 'hour', minute: 'minute', mi: 'minute' },
  ...{ n: 'minute', second: 'second', ss: 'second', s: 'second' },
  ...{ millisecond: 'millisecond', ms: 'millisecond' },
};
const LENGTHS: Readonly<Record<Exclude<Part, 'year' | 'month'>, number>> = {
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
  millisecond: 1,
};

function partOf(part: Value): Part | undefined {
  if (typeof part !== 'string') return undefined;
  const name = part.toLowerCase();
  return Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
}

function millis(text: Value): number | undefined {
  if (typeof text !== 'string' || !ISO.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

function textOf(ms: number): Value {
  if (!(Math.abs(ms) <= MAX_MS)) return undefined;
  const text = new Date(ms).toISOString();
  return text.length === 24 ? text.replace('Z', '0000Z') : undefined;
}

const ticksOf = (ms: number): number => ms * TICKS_PER_MS + TICKS_AT_1970;

function add(part: Part, count: number, ms: number): number {
  if (part !== 'year' && part !== 'month') return ms + count * LENGTHS[part];
  const date = new Date(ms);
  const months = part === 'year' ? 12 * count : count;
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  // The 31st of a shorter month is its last day.
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/** How many of the part's boundaries lie before the time. */
function index(part: Part, ms: number): number {
  const date = new Date(ms);
  if (part === 'year') return date.getUTCFullYear();
  if (part === 'month') return 12 * date.getUTCFullYear() + date.getUTCMonth();
  return Math.floor(ms / LENGTHS[part]);
}

function valueOf(part: Part, ms: number): number {
  const date = new Date(ms);
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'month':
      return date.getUTCMonth() + 1;
    case 'day':
      return date.getUTCDate();
    case 'hour':
      return date.getUTCHours();
    case 'minute':
      return date.getUTCMinutes();
    case 'second':
      return date.getUTCSeconds();
    case 'millisecond':
      return date.getUTCMilliseconds();
  }
}
