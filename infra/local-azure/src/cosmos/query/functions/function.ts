import type { Json } from '../../../json.ts';
import type { Value } from '../query.ts';

/** A built-in function: how many arguments it takes at least and at most, and what it gives. */
export interface SqlFunction {
  readonly arity: readonly [least: number, most: number];
  readonly apply: (...list: Value[]) => Value;
}

export type Functions = Readonly<Record<string, SqlFunction>>;

/** Undefined unless each argument is a text. */
export const onTexts = (count: number, apply: (...texts: string[]) => Value): SqlFunction => ({
  arity: [count, count],
  apply: (...list) => (list.every((each) => typeof each === 'string') ? apply(...list) : undefined),
});

/** Undefined unless each argument is a number, and when the result is none. */
export const onNumbers = (count: number, apply: (...numbers: number[]) => number): SqlFunction => ({
  arity: [count, count],
  apply: (...list) => {
    if (!list.every((each) => typeof each === 'number')) return undefined;
    const result = apply(...list);
    return Number.isFinite(result) ? result : undefined;
  },
});

export const isList = (value: Value): value is readonly Json[] => Array.isArray(value);
