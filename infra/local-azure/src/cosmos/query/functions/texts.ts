import type { Value } from '../query.ts';
import type { Functions, SqlFunction } from './function.ts';
import { onTexts } from './function.ts';
import { like } from './like.ts';
import { MAX_TEXT_LENGTH, TooLongError } from './length.ts';

/** `CONTAINS(text, part, ignoreCase)` and its kind. */
const search = (holds: (text: string, part: string) => boolean): SqlFunction => ({
  arity: [2, 3],
  apply: (text, part, ignoreCase = false) => {
    if (typeof text !== 'string' || typeof part !== 'string') return undefined;
    if (typeof ignoreCase !== 'boolean') return undefined;
    return ignoreCase ? holds(text.toLowerCase(), part.toLowerCase()) : holds(text, part);
  },
});

/** Of a text and a count, which is none below zero. */
const cut = (apply: (text: string, count: number) => string): SqlFunction => ({
  arity: [2, 2],
  apply: (text, count) => {
    if (typeof text !== 'string' || typeof count !== 'number') return undefined;
    return apply(text, Math.max(0, Math.trunc(count)));
  },
});

/** Positions and lengths are in UTF-16 code units. */
export const textFunctions: Functions = {
  CONTAINS: search((text, part) => text.includes(part)),
  STARTSWITH: search((text, part) => text.startsWith(part)),
  ENDSWITH: search((text, part) => text.endsWith(part)),
  STRINGEQUALS: search((text, part) => text === part),
  LOWER: onTexts(1, (text = '') => text.toLowerCase()),
  UPPER: onTexts(1, (text = '') => text.toUpperCase()),
  LENGTH: onTexts(1, (text = '') => text.length),
  TRIM: onTexts(1, (text = '') => text.trim()),
  LTRIM: onTexts(1, (text = '') => text.trimStart()),
  RTRIM: onTexts(1, (text = '') => text.trimEnd()),
  REVERSE: onTexts(1, (text = '') => Array.from(text).reverse().join('')),
  LEFT: cut((text, count) => text.slice(0, count)),
  RIGHT: cut((text, count) => (count === 0 ? '' : text.slice(-count))),
  REPLICATE: cut((text, count) => {
    if (text.length * count > MAX_TEXT_LENGTH) throw new TooLongError('REPLICATE');
    return text.repeat(count);
  }),
  SUBSTRING: {
    arity: [3, 3],
    apply: (text, start, length) => {
      if (typeof text !== 'string' || typeof start !== 'number') return undefined;
      if (typeof length !== 'number') return undefined;
      const from = Math.max(0, Math.trunc(start));
      return text.slice(from, from + Math.max(0, Math.trunc(length)));
    },
  },
  INDEX_OF: {
    arity: [2, 3],
    apply: (text, part, start = 0) => {
      if (typeof text !== 'string' || typeof part !== 'string') return undefined;
      return typeof start === 'number' ? text.indexOf(part, start) : undefined;
    },
  },
  REPLACE: onTexts(3, (text = '', part = '', by = '') => replaced(text, part, by)),
  CONCAT: {
    arity: [2, 200],
    apply: (...list) => (list.every((each) => typeof each === 'string') ? joined(list) : undefined),
  },
  LIKE: {
    arity: [2, 3],
    apply: (text, pattern, escape) => likeOf(text, pattern, escape),
  },
};

function replaced(text: string, part: string, by: string): string {
  if (part === '') return text;
  const parts = text.split(part);
  const length = text.length + (parts.length - 1) * (by.length - part.length);
  if (length > MAX_TEXT_LENGTH) throw new TooLongError('REPLACE');
  return parts.join(by);
}

function joined(list: readonly string[]): string {
  const length = list.reduce((sum, each) => sum + each.length, 0);
  if (length > MAX_TEXT_LENGTH) throw new TooLongError('CONCAT');
  return list.join('');
}

function likeOf(text: Value, pattern: Value, escape: Value): Value {
  if (typeof text !== 'string' || typeof pattern !== 'string') return undefined;
  if (escape !== undefined && typeof escape !== 'string') return undefined;
  return like(text, pattern, escape);
}
