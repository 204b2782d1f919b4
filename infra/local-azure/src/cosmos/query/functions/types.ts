import { isObject, parseJson } from '../../../json.ts';
import type { Value } from '../query.ts';
import type { Functions, SqlFunction } from './function.ts';
import { isList, onTexts } from './function.ts';

const test = (holds: (value: Value) => boolean): SqlFunction => ({ arity: [1, 1], apply: holds });

const isScalar = (value: Value): boolean => value === null || typeof value !== 'object';

/** What a value is. These alone answer for an undefined one. */
export const typeFunctions: Functions = {
  IS_DEFINED: test((value) => value !== undefined),
  IS_NULL: test((value) => value === null),
  IS_BOOL: test((value) => typeof value === 'boolean'),
  IS_NUMBER: test((value) => typeof value === 'number'),
  IS_INTEGER: test((value) => Number.isSafeInteger(value)),
  IS_FINITE_NUMBER: test((value) => typeof value === 'number'),
  IS_STRING: test((value) => typeof value === 'string'),
  IS_ARRAY: test(isList),
  IS_OBJECT: test((value) => isObject(value)),
  IS_PRIMITIVE: test((value) => value !== undefined && isScalar(value)),

  TOSTRING: {
    arity: [1, 1],
    apply: (value) => (typeof value === 'string' ? value : textOf(value)),
  },
  STRINGTONUMBER: onTexts(1, (text = '') => {
    const value = parseJson(text.trim());
    return typeof value === 'number' ? value : undefined;
  }),
  STRINGTOBOOLEAN: onTexts(1, (text = '') => BOOLEANS.get(text.trim())),
  STRINGTONULL: onTexts(1, (text = '') => (text.trim() === 'null' ? null : undefined)),
  STRINGTOARRAY: onTexts(1, (text = '') => {
    const value = parseJson(text);
    return isList(value) ? value : undefined;
  }),
  STRINGTOOBJECT: onTexts(1, (text = '') => {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  }),
};

const BOOLEANS = new Map([
  ['true', true],
  ['false', false],
]);

const textOf = (value: Value): Value => (value === undefined ? undefined : JSON.stringify(value));
