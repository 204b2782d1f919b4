import type { Value } from '../query.ts';
import { dateFunctions } from './dates.ts';
import type { SqlFunction } from './function.ts';
import { listFunctions } from './lists.ts';
import { numberFunctions } from './numbers.ts';
import { textFunctions } from './texts.ts';
import { typeFunctions } from './types.ts';

/** By upper-case name. */
const functions: ReadonlyMap<string, SqlFunction> = new Map(
  Object.entries({
    ...typeFunctions,
    ...textFunctions,
    ...numberFunctions,
    ...listFunctions,
    ...dateFunctions,
    IIF: {
      arity: [3, 3],
      apply: (condition, then, otherwise) => (condition === true ? then : otherwise),
    },
  } satisfies Record<string, SqlFunction>),
);

/** Undefined for a function that is not there. */
export const arityOf = (name: string): SqlFunction['arity'] | undefined =>
  functions.get(name)?.arity;

/** The parser has seen that the function is there, and its number of arguments. */
export const call = (name: string, list: readonly Value[]): Value =>
  functions.get(name)?.apply(...list);
