import type { Json } from '../../../json.ts';
import { isObject } from '../../../json.ts';
import { canonical, deepEqual } from '../order.ts';
import type { Value } from '../query.ts';
import type { Functions } from './function.ts';
import { isList } from './function.ts';

export const listFunctions: Functions = {
  ARRAY_CONTAINS: {
    arity: [2, 3],
    apply: (list, wanted, partial = false) => {
      if (!isList(list) || wanted === undefined || typeof partial !== 'boolean') return undefined;
      return list.some((each) => (partial ? holds(each, wanted) : deepEqual(each, wanted)));
    },
  },
  ARRAY_CONTAINS_ANY: {
    arity: [2, 200],
    apply: (list, ...wanted) => contains(list, wanted, 'some'),
  },
  ARRAY_CONTAINS_ALL: {
    arity: [2, 200],
    apply: (list, ...wanted) => contains(list, wanted, 'every'),
  },
  ARRAY_LENGTH: { arity: [1, 1], apply: (list) => (isList(list) ? list.length : undefined) },
  ARRAY_SLICE: {
    arity: [2, 3],
    apply: (list, start, length = Infinity) => {
      if (!isList(list) || typeof start !== 'number' || typeof length !== 'number')
        return undefined;
      const from = start < 0 ? Math.max(0, list.length + start) : start;
      return list.slice(from, from + Math.max(0, length));
    },
  },
  ARRAY_CONCAT: {
    arity: [2, 200],
    apply: (...lists) => (lists.every(isList) ? lists.flat(1) : undefined),
  },
  SETINTERSECT: {
    arity: [2, 2],
    apply: (left, right) => {
      if (!isList(left) || !isList(right)) return undefined;
      const wanted = new Set(right.map(canonical));
      return unique(left.filter((each) => wanted.has(canonical(each))));
    },
  },
  SETUNION: {
    arity: [2, 2],
    apply: (left, right) =>
      isList(left) && isList(right) ? unique([...left, ...right]) : undefined,
  },
  OBJECTTOARRAY: {
    arity: [1, 1],
    apply: (object) =>
      isObject(object) ? Object.entries(object).map(([k, v]): Json => ({ k, v })) : undefined,
  },
};

function contains(list: Value, wanted: readonly Value[], how: 'some' | 'every'): Value {
  if (!isList(list)) return undefined;
  const known = new Set(list.map(canonical));
  return wanted[how]((each) => each !== undefined && known.has(canonical(each)));
}

/** The element has at least the members that are wanted. */
function holds(element: Json, wanted: Json): boolean {
  if (!isObject(element) || !isObject(wanted)) return deepEqual(element, wanted);
  return Object.entries(wanted).every(([name, value]) => {
    const own = Object.hasOwn(element, name) ? element[name] : undefined;
    return own !== undefined && value !== undefined && holds(own, value);
  });
}

function unique(list: readonly Json[]): readonly Json[] {
  return [...new Map(list.map((each) => [canonical(each), each])).values()];
}
