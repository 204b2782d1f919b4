import { compareValues, deepEqual, typeRank } from './order.ts';
import type { Arithmetic, Comparison, Expression, Sign, Value } from './query.ts';

/** Values of different types do not compare: the result is undefined, so that NOT does not turn it true. */
export function compare(operator: Comparison, left: Value, right: Value): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (typeRank(left) !== typeRank(right)) return undefined;
  if (operator === '=') return deepEqual(left, right);
  if (operator === '!=') return !deepEqual(left, right);
  if (typeof left === 'object' && left !== null) return undefined;
  const order = compareValues(left, right);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Each in turn, until one is false. */
export function all(parts: Iterable<Value>): boolean | undefined {
  let result: boolean | undefined = true;
  for (const part of parts) {
    if (part === false) return false;
    if (part !== true) result = undefined;
  }
  return result;
}

/** Each in turn, until one is true. */
export function any(parts: Iterable<Value>): boolean | undefined {
  let result: boolean | undefined = false;
  for (const part of parts) {
    if (part === true) return true;
    if (part !== false) result = undefined;
  }
  return result;
}

export const negate = (value: Value): boolean | undefined =>
  typeof value === 'boolean' ? !value : undefined;

/** Undefined for other types, and for what is no number, such as `1 / 0`. */
export function calculate(operator: Arithmetic, left: Value, right: Value): Value {
  if (operator === '||') {
    return typeof left === 'string' && typeof right === 'string' ? left + right : undefined;
  }
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  return numberOrNothing(NUMERIC[operator](left, right));
}

export function sign(operator: Sign, value: Value): Value {
  if (typeof value !== 'number') return undefined;
  switch (operator) {
    case '-':
      return -value;
    case '+':
      return value;
    case '~':
      return ~value;
  }
}

/** `-1` is a constant, so that an index finds it. */
export function foldSign(operator: Sign, operand: Expression): Expression {
  if (operand.kind !== 'constant') return { kind: 'sign', operator, operand };
  return { kind: 'constant', value: sign(operator, operand.value) };
}

export const numberOrNothing = (value: number): number | undefined =>
  Number.isFinite(value) ? value : undefined;

const NUMERIC: Readonly<
  Record<Exclude<Arithmetic, '||'>, (left: number, right: number) => number>
> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => left << right,
  '>>': (left, right) => left >> right,
  '>>>': (left, right) => left >>> right,
};
