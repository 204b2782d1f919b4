import { badRequest } from '../errors.ts';
import { MINUTE_MS } from './metric-store.ts';

/** From the first instant to before the last. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

const HOUR_MS = 60 * MINUTE_MS;
/** The time grains of Azure's platform metrics. */
export const TIME_GRAINS: ReadonlyMap<string, number> = new Map([
  ['PT1M', MINUTE_MS],
  ['PT5M', 5 * MINUTE_MS],
  ['PT15M', 15 * MINUTE_MS],
  ['PT30M', 30 * MINUTE_MS],
  ['PT1H', HOUR_MS],
  ['PT6H', 6 * HOUR_MS],
  ['PT12H', 12 * HOUR_MS],
  ['P1D', 24 * HOUR_MS],
]);
/** Answered as one point over the whole time. */
export const FULL = 'FULL';

/** `start/end`, once or twice encoded as az does, or a duration before now; an hour unless given. */
export function parseTimespan(text: string | null, now: number): TimeRange {
  if (text === null || text === '') return { fromMs: now - HOUR_MS, toMs: now };
  const decoded = decodedAgain(text);
  const [start, end, ...more] = decoded.split('/');
  const duration = parseDuration(decoded);
  if (duration !== undefined) return { fromMs: now - duration, toMs: now };
  const fromMs = parseInstant(start);
  const toMs = parseInstant(end);
  if (more.length > 0 || fromMs === undefined || toMs === undefined) {
    throw badRequest(`timespan is 'start/end' in ISO 8601 or a duration, not '${decoded}'.`);
  }
  return ordered(fromMs, toMs, 'timespan');
}

export function ordered(fromMs: number, toMs: number, what: string): TimeRange {
  if (fromMs < toMs) return { fromMs, toMs };
  throw badRequest(`The end of ${what} is not after its start.`);
}

/** Without an offset it is UTC, as Azure reads it. */
export function parseInstant(text: string | undefined): number | undefined {
  const trimmed = (text ?? '').trim();
  if (!/^\d{4}-\d{2}-\d{2}([T ][\d:.]+)?\s*(Z|[+-]\d{1,2}:?\d{2})?$/i.test(trimmed))
    return undefined;
  const hasOffset = /(Z|[+-]\d{1,2}:?\d{2})$/i.test(trimmed.slice(10));
  const instant = Date.parse(hasOffset || trimmed.length === 10 ? trimmed : `${trimmed}Z`);
  return Number.isNaN(instant) ? undefined : instant;
}

/** `PT5M`, `PT1H30M`, `P1D`. */
export function parseDuration(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text.trim());
  if (match === null || !/\d/.test(text)) return undefined;
  const numbers = (match.slice(1) as (string | undefined)[]).map((part) => Number(part ?? 0));
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = numbers;
  return ((days * 24 + hours) * 60 + minutes) * MINUTE_MS + seconds * 1000;
}

/** The name of the time grain: the given one, or with `adjust` the nearest above it. */
export function parseGrain(text: string | null, adjust: boolean): string {
  if (text === null || text === '') return 'PT1M';
  const name = text.toUpperCase();
  if (name === FULL || TIME_GRAINS.has(name)) return name;
  const wanted = parseDuration(text);
  const same = [...TIME_GRAINS].find(([, ms]) => wanted === ms);
  if (same !== undefined) return same[0];
  const above = [...TIME_GRAINS].find(([, ms]) => wanted !== undefined && ms >= wanted);
  if (adjust && above !== undefined) return above[0];
  const known = [...TIME_GRAINS.keys(), FULL].join(',');
  throw badRequest(`Detected invalid time grain input: ${text}. Valid timegrains: ${known}.`);
}

function decodedAgain(text: string): string {
  try {
    // A plus sign of an offset is a space to the first decoding.
    return decodeURIComponent(text).replaceAll(/ (?=\d{2}:?\d{2}(\/|$))/g, '+');
  } catch {
    return text;
  }
}
