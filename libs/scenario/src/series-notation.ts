import { failed, ok } from '@headroom/core';
import type { Result } from '@headroom/core';
import { samplesMax } from './limits.ts';

/** One value for each place; NaN where there is no sample. */
export type SeriesValues = Float64Array;

const number = String.raw`-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?`;
const step = String.raw`(?:([+-])(${number.slice(2)}))`;
const token = new RegExp(`^(?:_|(${number})${step}?)(?:x(\\d+))?$`, 'i');

/** Longest token, and how much of a longer one is told. */
const tokenLengthMax = 100;
const toldLengthMax = 40;

/**
 * `50x5 80x10 _x3 30+2x4`: five times 50, ten times 80, three times no sample, then 30 32 34 36. Steps may go down
 * (`30-2x4`), numbers may have decimals.
 */
export function parseSeries(text: string): Result<SeriesValues, string> {
  const values: number[] = [];
  const tokens = text.split(/\s+/).filter((part) => part !== '');
  if (tokens.length === 0) return failed('no values: write them as in "50x5 80x10 _x3 30+2x4"');
  for (const part of tokens) {
    const problem = append(part, values);
    if (problem !== undefined) return failed(problem);
  }
  return ok(Float64Array.from(values));
}

/** Says what is wrong with the token. */
function append(part: string, values: number[]): string | undefined {
  const match = part.length > tokenLengthMax ? null : token.exec(part);
  if (match === null) return `"${cut(part)}" is no value: write 80, 80x10, _x3, 30+2x4 or 30-2x4`;
  const [, first, sign, by, times] = match as readonly (string | undefined)[];
  if (by !== undefined && times === undefined)
    return `"${part}" has a step but no count: ${part}x4`;
  const count = Number(times ?? 1);
  if (count < 1) return `"${part}" stands for nothing: the count is at least 1`;
  if (values.length + count > samplesMax) return `more than ${samplesMax} values: shorten them`;
  const begin = first === undefined ? NaN : Number(first);
  const each = (sign === '-' ? -1 : 1) * Number(by ?? 0);
  if (first !== undefined && !Number.isFinite(begin + each * (count - 1))) {
    return `"${part}" goes beyond the largest number`;
  }
  for (let i = 0; i < count; i++) values.push(begin + each * i);
  return undefined;
}

function cut(part: string): string {
  return part.length > toldLengthMax ? `${part.slice(0, toldLengthMax)}…` : part;
}

/** The notation of values; equal neighbours become one token. NaN or `undefined`: no sample. */
export function seriesText(values: Iterable<number | undefined>): string {
  const runs: { text: string; count: number }[] = [];
  for (const value of values) {
    const text = value === undefined || Number.isNaN(value) ? '_' : String(value);
    const last = runs.at(-1);
    if (last?.text === text) last.count++;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count === 1 ? text : `${text}x${count}`)).join(' ');
}
